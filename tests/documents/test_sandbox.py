"""A template that an administrator typed, or was made to type, cannot keep a worker busy or fill its memory."""

import time
import tracemalloc

import pytest
from jinja2 import TemplateSyntaxError

from engine.documents.templates import check_template, fill
from engine.domain.errors import Refused

ENDLESS = {
    "loops": "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "macros": "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
    "doubling": "{% set n = namespace(s='aaaaaaaa') %}{% for i in range(60) %}{% set n.s = n.s ~ n.s %}{% endfor %}",
    "adding": "{% set n = namespace(s='aaaaaaaa') %}{% for i in range(60) %}{% set n.s = n.s + n.s %}{% endfor %}",
    "lists": "{% set n = namespace(s=[1, 2]) %}{% for i in range(60) %}{% set n.s = n.s + n.s %}{% endfor %}",
    "blocks": "{% macro b(x) %}{% set y %}{{ x }}{{ x }}{% endset %}{{ b(y) }}{% endmacro %}{{ b('aaaaaaaa') }}",
    "arguments": "{% macro b(x) %}{{ b(x ~ x) }}{% endmacro %}{{ b('aaaaaaaa') }}",
    "times": "{{ 'a' * 1000000000 }}",
    "times, turned round": "{{ 1000000000 * [1] }}",
    "powers": "{{ 9 ** 9 ** 9 }}",
    "formats": "{{ '%999999999d' % 1 }}",
    "format method": "{{ '{:>999999999}'.format('a') }}",
    "format by key": "{{ 'a'['format']('b') }}",
    "width": "{{ 'a'.ljust(999999999) }}",
    "joining": "{% set t = 'a' * 1 %}{{ range(99999) | join('a') }}{{ range(99999) | join('a') }}",
    "filters of width": "{{ 'a' | center(999999999) }}",
    "rows": "{{ [1] | batch(999999999, 'x') | list }}",
    "words": "{{ lipsum(n=1000000) }}",
    "numbers": "{% set n = namespace(s=9) %}{% for i in range(999) %}{% set n.s = n.s * n.s %}{% endfor %}",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_would_never_end_is_refused_soon(name):
    tracemalloc.start()
    begun = time.process_time()
    with pytest.raises(Refused) as refusal:
        fill(ENDLESS[name], {})
    spent, memory = time.process_time() - begun, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refusal.value.code in ("bad_template", "bad_value", "missing_value")
    assert spent < 15  # measured with every allocation traced; some hundred milliseconds without
    assert memory < 150_000_000


@pytest.mark.parametrize(
    "template",
    [
        "{% autoescape false %}{{ name }}{% endautoescape %}",
        "{{ name | safe }}",
        "{{ name | attr('upper') }}",
        "{{ name.encode('utf-8') }}",
        "{{ qr.__globals__ }}",
        "{{ self._TemplateReference__context }}",
        "{% include '/etc/hostname' %}",
        "{% import 'os' as os %}",
    ],
)
def test_nothing_unescaped_and_nothing_of_python(template):
    with pytest.raises(Refused) as refusal:
        fill(template, {"name": "<b>"})
    assert refusal.value.code == "bad_template"


def test_what_templates_need_is_there():
    template = (
        "{% for row in rows %}{{ loop.index }}/{{ loop.length }} {{ row.name }}；{% else %}没有{% endfor %}"
        "{% set total = rows | sum(attribute='area') %}{{ total + 1 * 2 % 3 }} {{ rows | map(attribute='name') | join('、') }}"
    )
    rows = [{"name": "<甲>", "area": 3}, {"name": "乙", "area": 4}]
    assert fill(template, {"rows": rows}) == "1/2 &lt;甲&gt;；2/2 乙；9 &lt;甲&gt;、乙"
    assert fill(template, {"rows": []}) == "没有2 "


def test_each_paper_has_its_own_budget():
    for _ in range(3):
        assert fill("{% for i in range(30000) %}{% endfor %}好", {}) == "好"


@pytest.mark.parametrize(
    "template", ["{{ a | center(9) }}", "{% autoescape false %}{% endautoescape %}", "{% if %}"]
)
def test_the_publish_check_finds_what_is_not_there(template):
    with pytest.raises(TemplateSyntaxError):
        check_template(template)


def test_what_was_typed_on_several_lines_stays_so():
    filled = fill(
        "<p>{{ said }}</p><p>{{ one }}</p>", {"said": "一、返还；\r\n二、<b>恢复</b>。\n", "one": "三"}
    )
    assert filled == '<p>一、返还；<br><span class="line"></span>二、&lt;b&gt;恢复&lt;/b&gt;。</p><p>三</p>'
