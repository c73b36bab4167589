"""A merchant at a browser: what they see, and what they can do."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Self

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.services.sandbox import Sandbox
from tests.stack.waiting import wait_for


@dataclass
class Merchant:
    """Somebody with an account at AcmeCo, and the page in front of them."""

    page: Page
    url: str
    email: str

    @classmethod
    def who_signs_up(cls, page: Page, url: str) -> Self:
        """Sign up with a new e-mail address; they are logged in at once.

        By calls that share the browser's cookies: the form is clicked through in one test.
        """
        merchant = cls(page, url, f"{uuid.uuid4().hex[:12]}@shop.example")
        merchant.posts("/accounts/signup/", email=merchant.email, password1="a long pass phrase")
        return merchant

    def posts(self, path: str, **form: str | float | bool) -> None:
        """Send a form of AcmeCo without the page that it is on."""
        token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', self.reads(path))[-1]
        sent = self.page.request.post(
            self.url + path,
            form={**form, "csrfmiddlewaretoken": token},
            headers={"Referer": self.url + path},
            max_redirects=0,
        )
        assert sent.status == 302, sent.text()

    def reads(self, path: str) -> str:
        """Return a page of AcmeCo without showing it."""
        return self.page.request.get(self.url + path).text()

    def link(self, path: str) -> str:
        """Return where the first link to something in a list leads, or "" before there is any."""
        found = re.search(rf'href="({path}\d+/)"', self.reads(path))
        return found[1] if found else ""

    def goes_to(self, path: str) -> None:
        """Open a page of AcmeCo."""
        self.page.goto(self.url + path)

    def shows_that_it_is_them(self) -> None:
        """Type the password again, as what is worth protecting asks for."""
        self.page.get_by_label("Password").fill("a long pass phrase")
        self.page.get_by_role("button", name="Go on").click()

    def card(self, name: str) -> Locator:
        """Return the card of an integration."""
        heading = self.page.get_by_role("heading", name=name, exact=True)
        return self.page.locator("li.integration", has=heading)

    @property
    def modal(self) -> FrameLocator:
        """What Alloy's modal shows."""
        return self.page.frame_locator("iframe[src*='/forge-install']")

    def expects_modal(self, *, is_open: bool) -> None:
        """Wait until the modal is open, or gone."""
        expect(self.page.locator("iframe[src*='/forge-install']")).to_have_count(int(is_open))

    def opens(self, name: str) -> None:
        """Go to the integrations page and open the modal of one that is not connected."""
        self.goes_to("/integrations/")
        connect = self.card(name).get_by_role("button", name=f"Connect {name}", exact=True)
        expect(connect).to_be_visible()
        connect.click()
        expect(self.modal.get_by_role("heading", name=re.compile(name))).to_be_visible()

    def finishes_the_modal(self, **answers: str) -> None:
        """Go through the steps of the modal as they come, to its end."""
        log_in = self.modal.get_by_role("button", name="Log in", exact=True)
        finish = self.modal.get_by_role("button", name="Finish installation")
        expect(log_in.or_(finish)).to_be_visible()
        if log_in.is_visible():
            log_in.click()
        for label, answer in answers.items():
            self.modal.get_by_label(label).fill(answer)
        finish.click()
        self.expects_modal(is_open=False)

    def connect(self, name: str) -> None:
        """Install an integration."""
        self.opens(name)
        self.finishes_the_modal()
        expect(self.card(name).get_by_text("Connected", exact=True)).to_be_visible()

    def opens_order(self, number: str) -> None:
        """Go from the list of orders to one that is there, or is about to arrive."""
        self.page.locator("#orders").get_by_role("link", name=number, exact=True).click()
        expect(self.page.get_by_role("heading", name=f"Order {number}")).to_be_visible()

    def user_id(self, alloy: Sandbox) -> str:
        """Return the id that Alloy knows this merchant by, once it does."""
        return wait_for(lambda: alloy.user_id_of(self.email))

    def places_an_order(self, alloy: Sandbox) -> str:
        """Sell something in the connected store; return the order's number."""
        return str(alloy.place_order(self.user_id(alloy))["id"])
