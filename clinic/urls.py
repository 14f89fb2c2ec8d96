"""The pages' addresses. The visitor API is routed before Django, in `clinic.asgi`."""

from django.urls import include, path

from clinic.staff import entrance

handler429 = "clinic.staff.entrance.too_many"

urlpatterns = [
    path("", include("clinic.visitors.page_urls")),
    path("", include("clinic.widget.urls")),
    path("staff/", include("clinic.staff.urls")),
    # The same pages under the names that allauth looks for.
    path("staff/login/", entrance.Login.as_view(), name="account_login"),
    path("staff/login/code/", entrance.Code.as_view(), name="mfa_authenticate"),
]
