"""Addresses of people, their keys and inbox, and of those who run the portal."""

from django.urls import include, path

from core.views import help as help_views
from core.views import inbox, manage, me, people, sign_in

of_core = [
    # /me/
    path("me/", me.me, name="me"),
    path("me/first/", sign_in.first, name="first"),
    path("me/seen/", me.seen, name="seen"),
    path("me/notices/", me.notice_choices, name="notice_choices"),
    path("me/sessions/end/", me.sign_out_everywhere, name="sign_out_everywhere"),
    path("me/tokens/", me.token_list, name="token_list"),
    path("me/tokens/<int:pk>/revoke/", me.token_revoke, name="token_revoke"),
    # /inbox/
    path("inbox/read/", inbox.inbox_read, name="inbox_read"),
    path("inbox/<int:pk>/open/", inbox.notice_open, name="notice_open"),
    path("inbox/<int:pk>/mute/", inbox.notice_mute, name="notice_mute"),
    # /manage/
    path("manage/", manage.manage, name="manage"),
    path("manage/jobs/<uuid:pk>/", manage.manage_job, name="manage_job"),
    path(
        "manage/jobs/<uuid:pk>/cancel/",
        manage.manage_job_cancel,
        name="manage_job_cancel",
    ),
    path("manage/people/", people.people, name="people"),
    path("manage/people/<int:pk>/link/", people.person_link, name="person_link"),
    path(
        "manage/people/<int:pk>/deactivate/",
        people.person_deactivate,
        name="person_deactivate",
    ),
    path(
        "manage/people/<int:pk>/reactivate/",
        people.person_reactivate,
        name="person_reactivate",
    ),
    path("manage/people/<int:pk>/admin/", people.person_admin, name="person_admin"),
    path("manage/teams/", people.team_create, name="team_create"),
    path("manage/teams/<int:pk>/", people.team, name="team"),
    path("manage/teams/<int:pk>/member/", people.team_member, name="team_member"),
    path("manage/teams/<int:pk>/delete/", people.team_delete, name="team_delete"),
]

# The names without a namespace are those that allauth and the frame of every page use.
urlpatterns = [
    path("login/", sign_in.account_login, name="account_login"),
    path("login/link/<str:secret>/", sign_in.sign_in_link, name="sign_in_link"),
    path("logout/", sign_in.account_logout, name="account_logout"),
    path("welcome/", sign_in.welcome, name="welcome"),
    # /password/
    path(
        "password/change/",
        sign_in.account_change_password,
        name="account_change_password",
    ),
    path("password/set/", sign_in.account_set_password, name="account_set_password"),
    path(
        "password/reset/", sign_in.account_reset_password, name="account_reset_password"
    ),
    path(
        "password/reset/done/",
        sign_in.account_reset_password_done,
        name="account_reset_password_done",
    ),
    path(
        "password/reset/<str:uidb36>/<str:key>/",
        sign_in.account_reset_password_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/changed/",
        sign_in.account_reset_password_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("inbox/", inbox.inbox, name="inbox"),
    path("help/", help_views.help_page, name="help"),
    path("", include((of_core, "core"))),
]
