"""Addresses of the staff pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from clinic.staff import conversations, entrance, wording

app_name = "staff"

urlpatterns = [
    path("login/", entrance.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", entrance.ChangePassword.as_view(), name="password"),
    path("", conversations.show_list, name="list"),
    path("conversations/<uuid:pk>/", conversations.show_one, name="conversation"),
    path("wording/", wording.show, name="wording"),
    path("wording/tick/", wording.tick, name="wording_tick"),
]
