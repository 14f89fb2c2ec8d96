"""Addresses of the staff pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from clinic.staff import alerts, bookings, closures, conversations, entrance, wording

app_name = "staff"

urlpatterns = [
    path("login/", entrance.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", entrance.ChangePassword.as_view(), name="password"),
    path("", conversations.show_list, name="list"),
    path("conversations/<uuid:pk>/", conversations.show_one, name="conversation"),
    path("bookings/", bookings.show_list, name="bookings"),
    path("bookings/<slug:reference>/", bookings.show_one, name="booking"),
    path("bookings/<slug:reference>/change/", bookings.change, name="booking_change"),
    path("alerts/", alerts.show, name="alerts"),
    path("alerts/<int:pk>/", alerts.settle, name="alert_settle"),
    path("wording/", wording.show, name="wording"),
    path("wording/tick/", wording.tick, name="wording_tick"),
    path("hours/", closures.show, name="hours"),
    path("hours/holiday/", closures.decide, name="hours_decide"),
    path("hours/day/", closures.add_day, name="hours_add_day"),
    path("hours/day/remove/", closures.remove_day, name="hours_remove_day"),
    path("hours/closure/", closures.add_closure, name="hours_add_closure"),
    path("hours/closure/remove/", closures.remove_closure, name="hours_remove_closure"),
]
