"""Writing both documents, strictly: nothing goes out that a rule of ours forbids."""

from .elements import ElementError, ElementProblem, check, fit, fit_whole
from .values import LONGEST_SENT, Dialect, ScaipAnswer, ScaipRequest, Voice
from .writing import document


def fitting(request: ScaipRequest, dialect: Dialect) -> bytes:
    """Write what a unit says, its texts cut and left out until it fits.

    Raises:
        ElementError: what is no text is against the rules.
    """
    octets = document(check(fit(request)), dialect)
    if len(octets) <= LONGEST_SENT:
        return octets
    return write_request(fit_whole(request, dialect), dialect)


def write_request(request: ScaipRequest, dialect: Dialect) -> bytes:
    """Write what a unit says.

    Raises:
        ElementError: an element is against the rules, or the document (`mrq`, `scaip`) too long.
    """
    octets = document(check(request), dialect)
    if len(octets) > LONGEST_SENT:
        raise ElementError(dialect.value, ElementProblem.TOO_LONG)
    return octets


def write_answer(answer: ScaipAnswer, dialect: Dialect) -> bytes:
    """Write what a receiver answers: for conformance tests of readers, ours and others'."""
    said = [("ref", answer.ref), ("snu", f"{answer.snu:02d}")]
    if answer.ste:
        said.append(("ste", answer.ste))
    if answer.cve is not None:
        said.append(("cve", answer.cve))
    if answer.mre is not Voice.NONE:
        said.append(("mre", f"{answer.mre.value:02d}"))
    if answer.cre is not None:
        said.append(("cre", f"{answer.cre:02d}"))
    if answer.tnu is not None:
        said.append(("tnu", answer.tnu))
    if answer.hbi is not None:
        said.append(("hbi", f"{answer.hbi:04d}"))
    return document(said, dialect, answers=True)
