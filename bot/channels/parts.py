"""Every blueprint of the server, in the order in which routes are looked for."""

from __future__ import annotations

from bot.channels import pages
from bot.channels.complaints import complaints
from bot.channels.complaints_entry import complaints_entry
from bot.channels.complaints_follow import complaint_follow
from bot.channels.complaints_form import complaint_form
from bot.channels.complaints_learning import complaints_learning
from bot.channels.complaints_letters import complaints_letters
from bot.channels.complaints_work import complaints_work
from bot.channels.demo import demo
from bot.channels.desk import desk
from bot.channels.desk_channels import desk_channels, files
from bot.channels.desk_entered import desk_entered
from bot.channels.desk_files import desk_files, sent
from bot.channels.desk_login import desk_login
from bot.channels.desk_socket import desk_socket
from bot.channels.desk_work import desk_work
from bot.channels.documents import added, documents
from bot.channels.hooks import hooks
from bot.channels.operating import operating
from bot.channels.rest import rest
from bot.channels.staff import staff
from bot.channels.web import web
from bot.channels.web_extras import web_extras
from bot.channels.web_socket import web_socket

PARTS = (
    rest,
    web,
    web_extras,
    web_socket,
    staff,
    desk_login,
    desk,
    desk_work,
    desk_socket,
    desk_channels,
    desk_entered,
    desk_files,
    files,
    sent,
    documents,
    added,
    hooks,
    complaints_learning,
    complaints,
    complaints_entry,
    complaints_work,
    complaints_letters,
    complaint_form,
    complaint_follow,
    demo,
    operating,
    pages.pages,
)
