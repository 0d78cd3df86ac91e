"""Who may look at the archive: people who sign in, programs with a key."""

from voicebot.archive.api_keys import ApiKeys
from voicebot.archive.database import Database
from voicebot.archive.sign_in import SignIn
from voicebot.archive.users import Users


class Accounts(Users, ApiKeys, SignIn):
    """Secrets, tokens and passwords are kept as hashes only; a name and a role as sealed as a candidate's."""

    def __init__(self, database: Database) -> None:
        self.database = database
