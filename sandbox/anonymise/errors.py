"""Why a table cannot be released."""


class CannotAnonymise(Exception):
    """The table or the policy does not allow a safe release.

    `reason` is a stable word for programs, `remedy` a sentence for the person who can act; neither
    holds a value of the table.
    """

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}: {remedy}")
        self.reason = reason
        self.remedy = remedy
