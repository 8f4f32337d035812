from django.urls import path

from registry import sign_in_views

urlpatterns = [
    path("login/", sign_in_views.SignInView.as_view(), name="login"),
    path("logout/", sign_in_views.SignOutView.as_view(), name="logout"),
    path("account/", sign_in_views.account, name="account"),
    path("account/password/", sign_in_views.change_password, name="password-change"),
    path("account/second-factor/", sign_in_views.verify, name="second-factor"),
    path("account/second-factor/setup/", sign_in_views.set_up, name="second-factor-setup"),
    path("account/recovery-codes/", sign_in_views.recovery_codes, name="recovery-codes"),
]
