"""The pages for readers: the form with its results, and one article; without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from searchsvc.errors import QueryError
from searchsvc.web import navigation
from searchsvc.web.apologies import apology
from searchsvc.web.context import served
from searchsvc.web.marking import paragraphs
from searchsvc.web.navigation import Asked
from searchsvc.web.parameters import question_of_page, text_of
from searchsvc.web.problems import problem_of

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from searchsvc.searching.answer import Answer, Question

pages = Blueprint("pages", __name__)


@pages.get("/")
def search() -> ResponseReturnValue:
    """Show the form and what it finds; the newest articles when nothing is asked."""
    asked = Asked.of(request.args)
    try:
        question = question_of_page(request.args, served().settings)
        answer = served().service.search(question)
    except QueryError as error:
        excuse = apology(problem_of(error))
        kept = asked if error.parameter == "q" else asked.without(error.parameter)
        return render_template("search.html", asked=kept, apology=excuse), 400
    return _results(asked, question, answer)


@pages.get("/articles/<article:article_id>")
def article(article_id: str) -> ResponseReturnValue:
    """Show one article with the words of a query marked."""
    shown = served().service.article(article_id, text_of(request.args))
    return render_template(
        "article.html",
        asked=Asked({"q": request.args["q"]} if request.args.get("q") else {}),
        shown=shown,
        article=shown.article,
        paragraphs=paragraphs(shown.text),
    )


def _results(asked: Asked, question: Question, answer: Answer) -> str:
    window = served().settings.window
    corrected = answer.query.corrected
    return render_template(
        "search.html",
        asked=asked,
        question=question,
        answer=answer,
        words=corrected.text if corrected and corrected.used else question.text,
        chips=tuple(navigation.chips(asked, question)),
        groups=tuple(navigation.groups(asked, answer)),
        pages=navigation.pages(asked, question, answer, window),
        onward=navigation.onward(asked, question, answer, window),
        plain_address=navigation.page_address(Asked({"q": question.text}), 1),
        page_address=navigation.page_address,
    )
