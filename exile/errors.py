"""The one exception for bad input, so that every message has one form."""


class InputError(ValueError):
    """Something given to the book is wrong.

    Parameters
    ----------
    where : str
        The file, and the field or row within it.
    problem : str
        What is wrong, in one clause.
    remedy : str
        What the reader can do about it, in one sentence.
    """

    def __init__(self, where: str, problem: str, remedy: str):
        super().__init__(f"{where}: {problem}. {remedy}")
        self.where, self.problem, self.remedy = where, problem, remedy
