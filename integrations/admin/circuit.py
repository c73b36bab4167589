"""The circuit breaker: whether Alloy is being called at all."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from integrations import conf
from integrations.admin.actions import OperatorAdmin
from integrations.admin.columns import column
from integrations.admin.display import moment
from integrations.admin.services import close_circuit
from integrations.models import Circuit


@admin.register(Circuit)
class CircuitAdmin(OperatorAdmin):
    """One per environment; while it is open only one call at a time probes Alloy."""

    list_display = ("state", "failures", "openings", "next_probe", "of_this_key", "environment")
    actions = ("close",)
    fields = ("state", "failures", "openings", "open_until", "environment", "of_this_key")

    next_probe = column("next probe", moment, "open_until")

    @admin.display(description="state")
    def state(self, circuit: Circuit) -> str:
        return "Open: Alloy is left alone" if circuit.open_until else "Closed: Alloy is called"

    @admin.display(description="of the current key", boolean=True)
    def of_this_key(self, circuit: Circuit) -> bool:
        return circuit.environment == conf.environment()

    def buttons(self, circuit: Circuit) -> dict[str, str]:
        """Offer to close an open circuit."""
        return {"close": "Close it and try now"} if circuit.open_until else {}

    @admin.action(description="Close the selected circuits and try now", permissions=["operate"])
    def close(self, request: HttpRequest, circuits: QuerySet[Circuit]) -> None:
        """Have Alloy called again before the wait is over."""
        for circuit in circuits:
            close_circuit(circuit=circuit)
            self.log_change(request, circuit, "Closed by hand.")
        told = "Closed. What is due is sent now; if Alloy is still down, it soon opens again."
        self.message_user(request, told, messages.SUCCESS)
