"""The error tree is as its docstring draws it."""

import inspect

from models import errors


def test_every_error_stands_in_the_tree_that_the_docstring_draws():
    drawn = {word for word in errors.__doc__.replace("─", " ").split() if word.isidentifier() and hasattr(errors, word)}
    defined = {name for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, Exception)}
    assert defined == drawn & defined


def test_every_error_is_one_of_ours_and_knows_whether_to_retry():
    for value in vars(errors).values():
        if inspect.isclass(value) and issubclass(value, Exception):
            assert issubclass(value, errors.VoicebotError)
            assert isinstance(value.retryable, bool)
            assert value.__doc__


def test_a_problem_reads_as_editors_and_people_expect():
    problem = errors.Problem("flow.yaml", 3, 5, "mend this")
    assert str(problem) == "flow.yaml:3:5: mend this"
    assert str(errors.Problem("flow.yaml", 0, 0, "mend this")) == "flow.yaml: mend this"
