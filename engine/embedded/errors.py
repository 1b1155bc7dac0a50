"""The one error of this package: a sentence for the person at the terminal, in both languages."""


class EmbeddedError(RuntimeError):
    """The embedded services cannot do what was asked. Nothing was damaged.

    Printed as it is, without a traceback: these commands run before any web page or
    translation catalogue, so the sentence carries both languages itself.
    """

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.zh = zh
        self.en = en
