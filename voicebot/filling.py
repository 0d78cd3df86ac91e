"""What the operator's settings say of a call wherever the flow does not say it itself."""

from dialog_flows.schema import Flow
from voicebot.settings import Settings


def variables(flow: Flow, settings: Settings, candidate_name: str) -> dict[str, str]:
    values = {"candidate.name": candidate_name}
    if not flow.policies.callback_number:
        values["callback_number"] = settings.callback_number
    for name, value in (("company", settings.company), ("job.title", flow.title)):
        if not flow.variables.get(name):
            values[name] = value
    return values
