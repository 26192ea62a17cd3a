"""Forms at the door: signing in, codes, registering, passwords."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.ui.widgets import Code, Day, Phone


class SignInForm(forms.Form):
    """User name or phone, and password."""

    identifier = forms.CharField(
        label=_("手机号或用户名"), max_length=60, widget=forms.TextInput({"autocomplete": "username"})
    )
    password = forms.CharField(
        label=_("密码"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )


class PhoneForm(forms.Form):
    """A mobile number that is to get a code."""

    phone = forms.CharField(label=_("手机号"), max_length=30, widget=Phone)


class CodeForm(forms.Form):
    """The number again (kept in the page, not in the session) and the code sent to it."""

    phone = forms.CharField(max_length=30, widget=forms.HiddenInput)
    code = forms.CharField(label=_("短信验证码"), max_length=12, widget=Code)


class SecondForm(forms.Form):
    """Six digits of the authenticator app, or a recovery code."""

    code = forms.CharField(
        label=_("动态验证码"),
        help_text=_("打开手机上的验证器，填写6位数字；手机不在身边，可以填一个恢复码。"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "one-time-code", "class": "hy-input--code"}),
    )


class EnrolForm(forms.Form):
    """The first code of a new authenticator."""

    code = forms.CharField(label=_("验证器上显示的6位数字"), max_length=10, widget=Code)


class RegisterForm(forms.Form):
    """What a resident tells about himself, as little as possible. The number was proved before."""

    name = forms.CharField(label=_("姓名"), max_length=50, widget=forms.TextInput({"autocomplete": "name"}))
    birth_date = forms.DateField(
        label=_("出生日期"),
        help_text=_("用来判断是否需要监护人同意。"),
        widget=Day({"autocomplete": "bday"}),
    )
    guardian_phone = forms.CharField(
        label=_("监护人手机号"),
        help_text=_("只有未满18周岁要填。我们会告诉监护人。"),
        max_length=30,
        required=False,
        widget=Phone({"autocomplete": "off"}),
    )
    agrees = forms.BooleanField(label=_("我已阅读并同意"), error_messages={"required": _("请先阅读并勾选同意。")})


class NewPasswordForm(forms.Form):
    """A new password, typed once; it can be shown while typing."""

    password = forms.CharField(
        label=_("新密码"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("再填一次新密码"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        """Both must be the same, or a slip locks the owner out."""
        again = str(self.cleaned_data["again"])
        if again != self.cleaned_data.get("password"):
            raise forms.ValidationError(_("两次填的密码不一样。"))
        return again


class ConfirmForm(forms.Form):
    """The password once more, before a sensitive act."""

    password = forms.CharField(
        label=_("登录密码"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )


class ConfirmCodeForm(forms.Form):
    """A code sent to one's own number, for those without a password."""

    code = forms.CharField(label=_("短信验证码"), max_length=12, widget=Code)
