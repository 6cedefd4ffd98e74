"""The pages of the shop."""

from __future__ import annotations

from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.signals import user_logged_in
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path


def show_cart(request: HttpRequest) -> HttpResponse:
    told = [str(message) for message in messages.get_messages(request)]
    return HttpResponse(f"{request.user.get_username()} has {len(request.session.get('cart', []))} items; {told}")


def buy(request: HttpRequest) -> HttpResponse:
    cart = request.session.setdefault("cart", [])
    cart.append(request.POST["article"])
    request.session.modified = True
    messages.success(request, f"bought {request.POST['article']}")
    return HttpResponseRedirect("/cart")


@login_required
def show_account(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"account of {request.user.get_username()}")


def welcome(request: HttpRequest, **kwargs: object) -> None:
    messages.info(request, "welcome", fail_silently=True)


user_logged_in.connect(welcome)

urlpatterns = [
    path("cart", show_cart),
    path("buy", buy),
    path("account", show_account),
    path("accounts/login/", LoginView.as_view(template_name="admin/login.html")),
    path("logout", LogoutView.as_view()),
    path("admin/", admin.site.urls),
]
