"""`voicebot models`: the weights this machine has."""

import typer
from rich.console import Console

from voicebot import settings
from voicebot.cli.console import AsJson, Exit, print_json

models_app = typer.Typer(help="See which models this machine has, and whether they are sound.", no_args_is_help=True)


@models_app.command("list")
def models_list(as_json: AsJson = False) -> None:
    """Every model, where it comes from and whether it is there."""
    _models(check=False, as_json=as_json)


@models_app.command("verify")
def models_verify(as_json: AsJson = False) -> None:
    """Read every byte of every model and compare it with its published SHA-256."""
    _models(check=True, as_json=as_json)


def _models(*, check: bool, as_json: bool) -> None:
    from voicebot import screen, wiring
    from voicebot.speech.model_store import ModelState

    store = wiring.model_store(settings.load())
    models = store.verify() if check else store.list()
    sound = all(model.state is ModelState.PRESENT for model in models)
    if as_json:
        keys = ("name", "purpose", "languages", "licence", "distributions", "size", "state", "mend")
        print_json({"ok": sound, "models": [{key: getattr(model, key) for key in keys} for model in models]})
    else:
        screen.print_models(Console(highlight=False), models)
    if not sound:
        raise typer.Exit(Exit.USAGE)
