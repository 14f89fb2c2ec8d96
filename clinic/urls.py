"""The pages' addresses. The visitor API is routed before Django, in `clinic.asgi`."""

from django.urls import include, path

urlpatterns = [
    path("", include("clinic.visitors.page_urls")),
    path("staff/", include("clinic.staff.urls")),
]
