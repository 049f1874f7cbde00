"""Every sentence of the command line gets all its parameters: `call.tell` names a code that exists, with nothing left out."""

import ast

from source_tree import modules, placeholders

from autotrader.messages import ENGLISH


def told():
    """Yield every sentence that a call tells, as (where, code, given names)."""
    for module in modules():
        for name, call in module.calls():
            if name == "call.tell" and isinstance(call.args[0], ast.Constant) and all(keyword.arg for keyword in call.keywords):
                yield f"{module.name}:{call.lineno}", call.args[0].value, {keyword.arg for keyword in call.keywords}


def test_every_sentence_that_is_told_exists_and_has_its_parameters():
    sentences = list(told())
    assert len(sentences) > 30
    wrong = [(where, code) for where, code, given in sentences if code not in ENGLISH or not placeholders(ENGLISH[code]) <= given]
    assert not wrong
