"""Forms: mistakes first, labels and hints tied to inputs, what was typed stays, one key a form."""

from __future__ import annotations

import re

from django import forms
from django.template import Context, RequestContext, Template
from django.test import RequestFactory

from huying.ui import widgets


class Ask(forms.Form):
    name = forms.CharField(label="姓名", max_length=20)
    phone = forms.CharField(label="手机号", widget=widgets.Phone, help_text="只用来联系这件事")
    kind = forms.ChoiceField(
        label="类别", choices=[("", "—"), ("meal", "助餐"), ("clinic", "陪诊")], widget=forms.RadioSelect
    )
    words = forms.CharField(label="说明", max_length=50, required=False, widget=forms.Textarea)
    day = forms.DateField(label="日期", required=False, widget=widgets.Day)
    photos = forms.FileField(label="照片", required=False, widget=widgets.Photos)
    score = forms.ChoiceField(label="评分", required=False, choices=widgets.Stars.WORDS, widget=widgets.Stars)
    agree = forms.BooleanField(label="同意")

    def clean(self) -> dict[str, object]:
        raise forms.ValidationError("这一天已经约满")


def drawn(source: str, form: forms.Form) -> str:
    request = RequestFactory().get("/")
    return Template("{% load ui %}" + source).render(RequestContext(request, {"form": form}))


def refused() -> Ask:
    return Ask({"phone": "12", "kind": "clinic", "words": "周五<下午>", "score": "4"})


def test_mistakes_stand_first_and_lead_to_their_fields() -> None:
    html = drawn("{% form form=form %}<p>body</p>{% endform %}", refused())

    lines = re.findall(r'<li>(?:<a href="#([^"]+)">)?([^<]+)', html)
    assert html.index("hy-errors") < html.index("<p>body</p>")
    assert lines == [
        ("", "这一天已经约满"),
        ("id_name", "姓名：这个字段是必填项。"),
        ("id_agree", "同意：这个字段是必填项。"),
    ]
    assert 'role="alert" tabindex="-1" data-focus' in html


def test_a_clean_form_shows_no_summary() -> None:
    assert "hy-errors" not in drawn("{% form form=form %}{% endform %}", Ask())


def test_hint_and_error_are_read_with_the_field() -> None:
    html = drawn("{% field form.name %}{% field form.phone %}", refused())

    assert 'aria-describedby="id_name-error"' in html
    assert 'aria-describedby="id_phone-hint"' in html
    assert html.count('aria-invalid="true"') == 1
    assert 'id="id_name-error"' in html
    assert 'id="id_phone-hint">只用来联系这件事' in html


def test_what_was_typed_stays() -> None:
    html = drawn("{% field form.phone %}{% field form.words %}{% field form.kind %}{% field form.score %}", refused())

    assert 'value="12"' in html
    assert "周五&lt;下午&gt;</textarea>" in html
    assert re.findall(r'value="(\w*)" id="[^"]+" checked', html) == ["clinic", "4"]


def test_an_empty_choice_is_not_offered_as_a_card() -> None:
    assert re.findall(r'name="kind" value="(\w*)"', drawn("{% field form.kind %}", Ask())) == ["meal", "clinic"]


def test_required_and_free_fields_say_so_in_words() -> None:
    html = drawn("{% field form.name %}{% field form.words %}", Ask())

    assert re.findall(r"必填|选填", html) == ["必填", "选填"]


def test_the_browser_may_fill_in_what_it_knows() -> None:
    html = drawn("{% field form.name %}{% field form.phone %}", Ask())

    assert 'autocomplete="name"' in html
    assert 'type="tel"' in html
    assert 'autocomplete="tel"' in html


def test_a_write_carries_its_token_and_a_key_of_its_own() -> None:
    one, two = (drawn("{% form form=form %}{% endform %}", Ask()) for _ in range(2))

    keys = [re.search(r'name="idempotency_key" value="([0-9a-f-]{36})"', html)[1] for html in (one, two)]
    assert keys[0] != keys[1]
    assert 'name="csrfmiddlewaretoken"' in one
    assert " novalidate" in one


def test_a_search_by_get_carries_neither() -> None:
    html = drawn("{% form method='get' %}{% endform %}", Ask())

    assert "csrf" not in html
    assert "idempotency" not in html


def test_a_form_with_files_is_sent_as_multipart() -> None:
    assert 'enctype="multipart/form-data"' in drawn("{% form form=form %}{% endform %}", Ask())


def test_pictures_come_from_the_camera_with_a_preview() -> None:
    html = drawn("{% field form.photos %}", Ask())

    assert 'accept="image/*"' in html
    assert "data-preview" in html
    assert 'data-preview-for="id_photos"' in html


def test_the_rating_is_a_radio_group_with_words() -> None:
    html = drawn("{% field form.score %}", Ask())

    assert 'role="radiogroup"' in html
    assert re.findall(r'type="radio" name="score" value="(\d?)"', html) == ["", "1", "2", "3", "4", "5"]
    assert re.findall(r"<span>([^<]+)</span></label>", html) == ["很不满意", "不满意", "一般", "满意", "很满意"]


def test_several_files_may_be_chosen_at_once() -> None:
    form = Ask(files={})
    html = str(form["photos"])

    assert "multiple" in html


def test_choices_outside_a_form_mark_what_is_chosen() -> None:
    source = "{% load ui %}{% choices name='when' legend='何时' options=options value='b' required=True %}"
    options = [{"value": "a", "label": "今天"}, {"value": "b", "label": "明天", "hint": "上午"}]
    html = Template(source).render(Context({"options": options}))

    assert re.findall(r'value="(\w)" id="(\w+)"( checked)?', html) == [("a", "when_0", ""), ("b", "when_1", " checked")]
    assert "上午" in html
