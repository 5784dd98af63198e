"""The application: settings and a service come in, a Flask object that answers HTTP goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from searchsvc.searching.service import Service
from searchsvc.web import context, problems, security, wording
from searchsvc.web.addresses import ArticleId
from searchsvc.web.analyzing import analyzing
from searchsvc.web.api import api
from searchsvc.web.directly import Directly
from searchsvc.web.health import health
from searchsvc.web.marking import marked
from searchsvc.web.pages import pages
from searchsvc.web.writing import RussianJson

if TYPE_CHECKING:
    from searchsvc.config import Settings

STATIC_SECONDS = 3_600

FILTERS = {
    "marked": marked,
    "outward": security.outward,
    "date_line": wording.date_line,
    "found_line": wording.found_line,
    "widened_line": wording.widened_line,
    "took_line": wording.took_line,
    "reason_line": wording.reason_line,
    "counted": wording.counted,
}


def create_app(settings: Settings, service: Service | None = None) -> Flask:
    """Make the application; without a service it opens its own over the settings' index."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = settings.read_body
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = STATIC_SECONDS
    app.json = RussianJson(app)
    app.url_map.merge_slashes = False
    app.url_map.converters["article"] = ArticleId
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals["longest"] = settings.query_length
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    our = context.attach(app, settings, service or Service(settings))
    app.before_request(security.refuse_large_requests)
    app.after_request(security.add_headers)
    problems.register(app)
    for blueprint in (pages, api, analyzing, health):
        app.register_blueprint(blueprint)
    app.wsgi_app = Directly(app.wsgi_app, our)  # type: ignore[assignment,method-assign]
    return app
