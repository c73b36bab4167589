"""The meeting pages. Every view starts from the merchant, so a stranger's meeting is a 404."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from integrations.contrib.connectivity.selectors import connected
from integrations.pages import live
from integrations.pages.rate_limits import ACTIONS, Limit, limited
from meetings import imports, selectors, services
from meetings.copies.sync_status import sync_statuses
from meetings.forms import CalendarForm, MeetingForm, NewMeetingForm
from meetings.markdown import to_html
from meetings.models import Copy, Meeting

if TYPE_CHECKING:
    from accounts.models import User

IMPORTS = Limit("calendar-imports", 60)


class MerchantRequest(HttpRequest):
    """A request of somebody who is logged in."""

    user: User


@login_required
@require_GET
def meeting_list(request: MerchantRequest) -> HttpResponse:
    """Show meetings, each with how far its copies are; a poll gets them only when they changed."""
    before = request.GET.get("before", "")
    page = selectors.meeting_page(
        request.user, before=int(before) if before.isdecimal() and len(before) < 19 else None
    )
    statuses = sync_statuses(page.meetings, request.user)
    rows = [(meeting, statuses[meeting.pk]) for meeting in page.meetings]
    context = {
        **{"rows": rows, "page": page, "before": before},
        "goes_to_notion": not rows and Copy.Service.NOTION in connected(request.user),
    }
    if live.is_htmx(request):
        return live.answer(request, "meetings/_list.html", context, also="")
    return render(request, "meetings/list.html", context)


@login_required
@require_GET
def meeting_detail(request: MerchantRequest, pk: int) -> HttpResponse:
    """Show one meeting; a poll gets its copies only, and only when something happened."""
    meeting = _meeting_or_404(request, pk)
    statuses = sync_statuses([meeting], request.user)[meeting.pk]
    seconds = 2 if any(each.is_under_way for each in statuses) else 10
    context = {"meeting": meeting, "statuses": statuses, "seconds": seconds}
    if live.is_htmx(request):
        return live.answer(request, "meetings/_copies.html", context, also="")
    return render(request, "meetings/detail.html", {**context, "notes": to_html(meeting.notes)})


@login_required
@require_http_methods(["GET", "POST"])
def meeting_new(request: MerchantRequest) -> HttpResponse:
    """Make a meeting: one of now, unless the merchant says otherwise."""
    now = timezone.localtime().replace(second=0, microsecond=0)
    meeting = Meeting(merchant=request.user)
    form = NewMeetingForm(_posted(request), instance=meeting, initial={"starts_at": now})
    if form.is_valid():
        key = form.cleaned_data["key"]
        made, is_new = services.meeting_create(meeting=form.save(commit=False), key=key)
        if is_new or form.describes(made):
            return redirect("meetings:detail", pk=made.pk)
        form.offer_another(made)
    return _form_page(request, form, title=_("New meeting"))


@login_required
@require_http_methods(["GET", "POST"])
def meeting_edit(request: MerchantRequest, pk: int) -> HttpResponse:
    """Change a meeting; its copies follow."""
    meeting = _meeting_or_404(request, pk)
    title = _("Edit %(title)s") % {"title": meeting.title}
    form = MeetingForm(_posted(request), instance=meeting)
    if form.is_valid():
        if form.has_changed():
            services.meeting_save(meeting=form.save(commit=False))
        return redirect("meetings:detail", pk=pk)
    return _form_page(request, form, title=title)


@login_required
@require_http_methods(["GET", "POST"])
def meeting_delete(request: MerchantRequest, pk: int) -> HttpResponse:
    """Ask once, then delete the meeting here; its copies stay where they are."""
    meeting = _meeting_or_404(request, pk)
    if request.method == "GET":
        return render(request, "meetings/delete.html", {"meeting": meeting})
    services.meeting_delete(meeting=meeting)
    messages.success(request, _("“%(title)s” is deleted.") % {"title": meeting.title})
    return redirect("meetings:list")


@login_required
@require_POST
@limited(ACTIONS)
def meeting_sync(request: MerchantRequest, pk: int) -> HttpResponse:
    """Copy the meeting once more, also where nothing has changed since."""
    meeting = _meeting_or_404(request, pk)
    if not services.meeting_copy(meeting=meeting):
        messages.warning(request, _("No service is connected yet that it could be copied to."))
    return redirect("meetings:detail", pk=meeting.pk)


@login_required
@require_http_methods(["GET", "POST"])
@limited(IMPORTS)
def import_calendar(request: MerchantRequest) -> HttpResponse:
    """Make meetings of the events in a calendar file, and say what became of each.

    The answer to the upload is the result itself: to load it again changes nothing.
    """
    form = CalendarForm(_posted(request), request.FILES if request.method == "POST" else None)
    if form.is_valid():
        imported = imports.meetings_import(merchant=request.user, file=form.calendar)
        counts, rows = imports.counts_of(imported), imports.rows_of(imported)
        context = {"counts": counts, "rows": rows, "file": form.calendar}
        return render(request, "meetings/imported.html", context)
    status = 422 if form.is_bound else 200
    return render(request, "meetings/import.html", {"form": form}, status=status)


def _form_page(request: MerchantRequest, form: MeetingForm, *, title: str) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, "meetings/form.html", {"form": form, "title": title}, status=status)


def _posted(request: MerchantRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _meeting_or_404(request: MerchantRequest, pk: int) -> Meeting:
    return get_object_or_404(selectors.meetings_of(request.user), pk=pk)
