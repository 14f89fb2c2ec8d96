"""Addresses of the widget: the launcher, the frame that it opens, and the page that works without scripts."""

from django.urls import path

from clinic.widget import avatar, frame, launcher
from clinic.widget.plain import views as plain

app_name = "widget"

urlpatterns = [
    path("widget.js", launcher.newest, name="launcher"),
    path("widget/v<int:version>.js", launcher.pinned_script, name="pinned_launcher"),
    path("chat/", frame.show, name="frame"),
    path("chat/avatar/<slug:digest>", avatar.serve, name="avatar"),
    path("chat/plain/", plain.show, name="plain"),
]
