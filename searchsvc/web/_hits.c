/* Answers as JSON: from an answer as Python has it to the bytes of an object.
 *
 * Writes what `rendering.answer_object` and orjson write together, in a quarter of the time; the tests
 * hold one against the other. Where something is not as it always is (an explained hit, letters that
 * UTF-8 lacks, marks that are not sorted and disjoint) the answer is None, and those write it.
 */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM 32768  /* bytes to begin with; ten hits take half of it */
#define LONGEST 6   /* bytes that one byte is written as, at most: \u0000 */
#define BLOCK 32    /* bytes that are looked at together */
#define LARGEST 1e9 /* scores below it are told exactly by 15 digits */
#define PLAIN 1e5   /* ten thousandths of scores below it are counted to a millionth */
#define DIGITS 20   /* of a number */
#define DATE_ROOM 64

/* What answers, queries and hits consist of, and what of articles and dates is asked for. */
enum { QUERY, TOTAL, TOOK, GENERATION, HITS, FACETS, UNDATED, NEXT, ANSWER };
enum { TYPED, INTERPRETED, LEMMAS, WIDENED, ALL_WORDS, WARNINGS, CORRECTED, UNDERSTOOD };
enum { ARTICLE, SCORE, TITLE, SNIPPETS, EXPLANATION, FOUND };
enum { ID, URL, ARTICLE_TITLE, DATE, SOURCE, TOPICS, AUTHORS, PART_OF, ISOFORMAT, PRECISION, START,
       YEAR, MONTH, DAY, HOUR, MINUTE, DAYS, SECONDS, NAMES };

static const char *const names[NAMES] = {
    "id", "url", "title", "date", "source", "topics", "authors", "part_of", "isoformat", "precision",
    "start", "year", "month", "day", "hour", "minute", "days", "seconds",
};

/* What a byte cannot stand for itself in. */
enum { JSON = 1, HTML = 2 };

typedef struct {
    PyObject *names[NAMES];
    uint8_t special[256];
} State;

typedef struct {
    const State *state;
    PyObject *to_minute; /* the precision of dates that are written here */
    PyObject *offset_of; /* offset_of(date) -> how far it is ahead of UTC */
    char *bytes;
    size_t used, room;
} Page;

/* All below that give an int give 0, 1 where Python has to do it, -1 with an exception set. */

/* ---- bytes -------------------------------------------------------------------------------- */

static int reserve(Page *page, size_t more) {
    if (more <= page->room - page->used) return 0;
    size_t room = 2 * page->room + more;
    char *bytes = realloc(page->bytes, room);
    if (!bytes) {
        PyErr_NoMemory();
        return -1;
    }
    page->bytes = bytes;
    page->room = room;
    return 0;
}

/* Append bytes that room was reserved for. */
static inline void put(Page *page, const char *bytes, size_t count) {
    memcpy(page->bytes + page->used, bytes, count);
    page->used += count;
}

static inline int add(Page *page, const char *bytes) {
    size_t count = strlen(bytes); /* known when it is compiled, mostly */
    if (reserve(page, count) < 0) return -1;
    put(page, bytes, count);
    return 0;
}

/* Append a number, with zeros before it if it has fewer digits than that. */
static int add_digits(Page *page, Py_ssize_t number, size_t least) {
    char digits[DIGITS];
    size_t first = DIGITS;
    do digits[--first] = (char)('0' + number % 10);
    while ((number /= 10) || DIGITS - first < least);
    if (reserve(page, DIGITS) < 0) return -1;
    put(page, digits + first, DIGITS - first);
    return 0;
}

static int add_number(Page *page, Py_ssize_t number) { return add_digits(page, number, 1); }

/* Append so many bytes. */
static int add_bytes(Page *page, const char *bytes, Py_ssize_t count) {
    if (reserve(page, (size_t)count) < 0) return -1;
    put(page, bytes, (size_t)count);
    return 0;
}

static const char *entity(char letter) {
    switch (letter) {
        case '&': return "&amp;";
        case '<': return "&lt;";
        case '>': return "&gt;";
        case '\'': return "&#39;";
        default: return "&#34;";
    }
}

static void put_escaped(Page *page, char letter) {
    static const char letters[] = "\b\t\n\f\r\"\\", written[] = "btnfr\"\\";
    const char *known = letter ? strchr(letters, letter) : NULL;
    char code[LONGEST + 1];
    if (known) snprintf(code, sizeof code, "\\%c", written[known - letters]);
    else snprintf(code, sizeof code, "\\u%04x", (unsigned)letter);
    put(page, code, strlen(code));
}

/* Tell whether all bytes of a block stand for themselves: without a branch for each, in a tenth of
 * the time. */
static inline int is_plain(const char *at, int kinds) {
    uint8_t found = 0, html = kinds & HTML ? 0xFF : 0;
    for (int i = 0; i < BLOCK; i++) {
        uint8_t byte = (uint8_t)at[i];
        uint8_t json = (uint8_t)((byte < ' ') | (byte == '"') | (byte == '\\'));
        uint8_t more = (uint8_t)(((byte & 0xFE) == '&') | ((byte & 0xFD) == '<')); /* &' <> */
        found |= (uint8_t)(json | (more & html));
    }
    return !found;
}

/* Append letters, in HTML with its own five characters told otherwise too. */
static int add_letters(Page *page, const char *at, const char *end, int kinds) {
    const uint8_t *special = page->state->special;
    if (reserve(page, LONGEST * (size_t)(end - at)) < 0) return -1;
    while (at < end) {
        const char *from = at;
        while (end - at >= BLOCK && is_plain(at, kinds)) at += BLOCK;
        while (at < end && !(special[(uint8_t)*at] & kinds)) at++;
        put(page, from, (size_t)(at - from));
        if (at == end) break;
        const char *code = special[(uint8_t)*at] & kinds & HTML ? entity(*at) : NULL;
        if (code) put(page, code, strlen(code));
        else put_escaped(page, *at);
        at++;
    }
    return 0;
}

/* ---- values ------------------------------------------------------------------------------- */

/* The bytes of a string, as long as it lives. */
typedef struct {
    const char *at, *end;
} Letters;

static int letters_of(PyObject *text, Letters *letters) {
    Py_ssize_t count;
    if (!PyUnicode_Check(text)) return 1;
    letters->at = PyUnicode_AsUTF8AndSize(text, &count);
    if (letters->at) {
        letters->end = letters->at + count;
        return 0;
    }
    if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) return -1;
    PyErr_Clear();
    return 1;
}

static int add_string(Page *page, PyObject *text) {
    Letters letters;
    int odd = letters_of(text, &letters);
    if (!odd) odd = add(page, "\"");
    if (!odd) odd = add_letters(page, letters.at, letters.end, JSON);
    return odd ? odd : add(page, "\"");
}

static int add_strings(Page *page, PyObject *texts) {
    if (!PyTuple_Check(texts)) return 1;
    int odd = add(page, "[");
    for (Py_ssize_t i = 0; i < PyTuple_Size(texts) && !odd; i++) {
        if (i) odd = add(page, ",");
        if (!odd) odd = add_string(page, PyTuple_GetItem(texts, i));
    }
    return odd ? odd : add(page, "]");
}

/* Read numbers by name, so many from the first one on. */
static int read_numbers(const Page *page, PyObject *owner, int first, int count, long *numbers) {
    for (int i = 0; i < count; i++) {
        PyObject *number = PyObject_GetAttr(owner, page->state->names[first + i]);
        if (!number) return -1;
        numbers[i] = PyLong_AsLong(number);
        Py_DECREF(number);
        if (numbers[i] == -1 && PyErr_Occurred()) return -1;
    }
    return 0;
}

/* Append two digits after a sign, for which there is room. */
static void put_two(Page *page, char sign, long number) {
    const char text[] = {sign, (char)('0' + number / 10), (char)('0' + number % 10)};
    put(page, text, sizeof text);
}

/* Append a moment as `isoformat` writes it: 2021-02-19T10:50+03:00; 1900-01-01T00:00+02:30:17. */
static int add_moment(Page *page, PyObject *start) {
    long parts[5], ahead[2];
    PyObject *offset = PyObject_CallFunctionObjArgs(page->offset_of, start, NULL);
    if (!offset) return -1;
    int odd = read_numbers(page, offset, DAYS, 2, ahead);
    Py_DECREF(offset);
    if (!odd) odd = read_numbers(page, start, YEAR, 5, parts);
    if (!odd) odd = add(page, "\"");
    if (!odd) odd = add_digits(page, parts[0], 4);
    if (!odd) odd = reserve(page, DATE_ROOM);
    if (odd) return odd;
    for (int i = 1; i < 5; i++) put_two(page, "--T:"[i - 1], parts[i]);
    long seconds = ahead[0] * 86400 + ahead[1];
    char sign = seconds < 0 ? '-' : '+';
    seconds = labs(seconds);
    put_two(page, sign, seconds / 3600);
    put_two(page, ':', seconds / 60 % 60);
    if (seconds % 60) put_two(page, ':', seconds % 60);
    return add(page, "\"");
}

/* Append a date that is known less or more exactly. */
static int add_known(Page *page, PyObject *date, PyObject *precision) {
    int to_minute = precision == page->to_minute;
    PyObject *text = to_minute ? PyObject_GetAttr(date, page->state->names[START])
                               : PyObject_CallMethodObjArgs(date, page->state->names[ISOFORMAT], NULL);
    if (!text) return -1;
    int odd = to_minute ? add_moment(page, text) : add_string(page, text);
    Py_DECREF(text);
    return odd;
}

/* Append a date; `Py_None` is null. */
static int add_date(Page *page, PyObject *date) {
    if (Py_IsNone(date)) return add(page, "null");
    PyObject *precision = PyObject_GetAttr(date, page->state->names[PRECISION]);
    if (!precision) return -1;
    int odd = add_known(page, date, precision);
    Py_DECREF(precision);
    return odd;
}

static int add_count(Page *page, PyObject *value) {
    if (!PyLong_CheckExact(value)) return 1;
    Py_ssize_t number = PyLong_AsSsize_t(value);
    if (number >= 0) return add_number(page, number);
    PyErr_Clear();
    return 1;
}

/* Append a number of so many decimals: 123400 of four as 12.34, 120000 as 12.0. */
static int add_decimals(Page *page, Py_ssize_t number, int places, Py_ssize_t one) {
    int odd = add_number(page, number / one);
    if (!odd) odd = reserve(page, DIGITS);
    if (odd) return odd;
    char digits[DIGITS] = {'.'};
    size_t count = (size_t)places + 1;
    for (int place = places; place > 0; place--, number /= 10)
        digits[place] = (char)('0' + number % 10);
    while (digits[count - 1] == '0' && count > 2) count--;
    put(page, digits, count);
    return 0;
}

/* Append a number rounded to some decimals, without the zeros at its end but for the first one. */
static int add_rounded(Page *page, PyObject *number, int places) {
    if (!PyFloat_Check(number)) return 1;
    double value = PyFloat_AsDouble(number), one = places == 4 ? 1e4 : 1e2;
    if (!(fabs(value) < LARGEST)) return 1;
    double scaled = value * one, whole = floor(scaled), rest = scaled - whole;
    if (value > 0 && value < PLAIN && fabs(rest - 0.5) > 1e-6) /* whichever is nearer is so */
        return add_decimals(page, (Py_ssize_t)whole + (rest > 0.5), places, (Py_ssize_t)one);
    char *digits = PyOS_double_to_string(value, 'f', places, 0, NULL);
    if (!digits) return -1;
    size_t count = strlen(digits);
    while (digits[count - 1] == '0' && digits[count - 2] != '.') count--;
    int odd = add_bytes(page, digits, (Py_ssize_t)count);
    PyMem_Free(digits);
    return odd;
}

typedef enum { STRING, FILLED, STRINGS, MOMENT } Kind;

static int is_empty(PyObject *text) {
    return Py_IsNone(text) || (PyUnicode_Check(text) && PyUnicode_GetLength(text) == 0);
}

/* Append an attribute; of those that must be FILLED an empty one is null. */
static int add_attribute(Page *page, PyObject *owner, int name, Kind kind) {
    PyObject *value = PyObject_GetAttr(owner, page->state->names[name]);
    if (!value) return -1;
    int odd;
    if (kind == STRINGS) odd = add_strings(page, value);
    else if (kind == MOMENT) odd = add_date(page, value);
    else if (kind == FILLED && is_empty(value)) odd = add(page, "null");
    else odd = add_string(page, value);
    Py_DECREF(value);
    return odd;
}

/* ---- snippets ----------------------------------------------------------------------------- */

typedef struct {
    PyObject *text, *marks;
} Snippet;

static int read_snippet(PyObject *value, Snippet *snippet) {
    if (!PyTuple_Check(value) || PyTuple_Size(value) != 4) return 1;
    *snippet = (Snippet){PyTuple_GetItem(value, 0), PyTuple_GetItem(value, 1)};
    return !PyTuple_Check(snippet->marks);
}

/* Read the mark of a number, which must begin at a place or after it. */
static int read_mark(const Snippet *snippet, Py_ssize_t number, Py_ssize_t least, Py_ssize_t *mark) {
    PyObject *pair = PyTuple_GetItem(snippet->marks, number);
    if (!PyTuple_Check(pair) || PyTuple_Size(pair) != 2) return 1;
    for (int side = 0; side < 2; side++) {
        mark[side] = PyLong_AsSsize_t(PyTuple_GetItem(pair, side));
        if (mark[side] == -1 && PyErr_Occurred()) {
            PyErr_Clear();
            return 1;
        }
    }
    return mark[0] < least || mark[1] < mark[0] || mark[1] > PyUnicode_GetLength(snippet->text);
}

/* Count the bytes of a block that begin a code point. */
static inline int begun(const char *at) {
    int8_t count = 0;
    for (int i = 0; i < BLOCK; i++) count = (int8_t)(count + ((int8_t)at[i] >= -0x40));
    return count;
}

/* Find where so many code points end. */
static const char *after(const char *at, const char *end, Py_ssize_t count) {
    for (int own; end - at >= BLOCK && (own = begun(at)) <= count; at += BLOCK) count -= own;
    for (; at < end; at++)
        if (((uint8_t)*at & 0xC0) != 0x80 && count-- == 0) break;
    return at;
}

/* Append a snippet as a string of HTML. */
static int add_html(Page *page, const Snippet *snippet) {
    Letters letters;
    int odd = letters_of(snippet->text, &letters);
    Py_ssize_t done = 0, mark[2];
    if (!odd) odd = add(page, "\"");
    for (Py_ssize_t i = 0; i < PyTuple_Size(snippet->marks) && !odd; i++) {
        odd = read_mark(snippet, i, done, mark);
        if (odd) break;
        const char *start = after(letters.at, letters.end, mark[0] - done);
        const char *end = after(start, letters.end, mark[1] - mark[0]);
        odd = add_letters(page, letters.at, start, JSON | HTML);
        if (!odd) odd = add(page, "<mark>");
        if (!odd) odd = add_letters(page, start, end, JSON | HTML);
        if (!odd) odd = add(page, "</mark>");
        letters.at = end;
        done = mark[1];
    }
    if (!odd) odd = add_letters(page, letters.at, letters.end, JSON | HTML);
    return odd ? odd : add(page, "\"");
}

static int add_marks(Page *page, const Snippet *snippet) {
    Py_ssize_t mark[2];
    int odd = add(page, "[");
    for (Py_ssize_t i = 0; i < PyTuple_Size(snippet->marks) && !odd; i++) {
        odd = read_mark(snippet, i, 0, mark);
        if (!odd) odd = add(page, i ? ",[" : "[");
        if (!odd) odd = add_number(page, mark[0]);
        if (!odd) odd = add(page, ",");
        if (!odd) odd = add_number(page, mark[1]);
        if (!odd) odd = add(page, "]");
    }
    return odd ? odd : add(page, "]");
}

static int add_snippet(Page *page, PyObject *value) {
    Snippet snippet;
    int odd = read_snippet(value, &snippet);
    if (!odd) odd = add(page, "{\"text\":");
    if (!odd) odd = add_string(page, snippet.text);
    if (!odd) odd = add(page, ",\"marks\":");
    if (!odd) odd = add_marks(page, &snippet);
    if (!odd) odd = add(page, ",\"html\":");
    if (!odd) odd = add_html(page, &snippet);
    return odd ? odd : add(page, "}");
}

static int add_snippets(Page *page, PyObject *snippets) {
    if (!PyTuple_Check(snippets)) return 1;
    int odd = 0;
    for (Py_ssize_t i = 0; i < PyTuple_Size(snippets) && !odd; i++) {
        if (i) odd = add(page, ",");
        if (!odd) odd = add_snippet(page, PyTuple_GetItem(snippets, i));
    }
    return odd;
}

/* ---- hits --------------------------------------------------------------------------------- */

static int add_article(Page *page, PyObject *article) {
    static const struct {
        const char *before;
        int name;
        Kind kind;
    } parts[] = {
        {"{\"id\":", ID, STRING},         {",\"url\":", URL, FILLED},
        {",\"title\":", ARTICLE_TITLE, STRING},   {",\"date\":", DATE, MOMENT},
        {",\"source\":", SOURCE, FILLED}, {",\"topics\":", TOPICS, STRINGS},
        {",\"authors\":", AUTHORS, STRINGS}, {",\"part_of\":", PART_OF, FILLED},
    };
    int odd = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && !odd; i++) {
        odd = add(page, parts[i].before);
        if (!odd) odd = add_attribute(page, article, parts[i].name, parts[i].kind);
    }
    return odd;
}

static int add_title(Page *page, PyObject *title) {
    Snippet snippet;
    int odd = read_snippet(title, &snippet);
    return odd ? odd : add_html(page, &snippet);
}

/* Append a hit, which is a tuple of its parts. */
static int add_hit(Page *page, PyObject *hit) {
    if (!PyTuple_Check(hit) || PyTuple_Size(hit) != FOUND) return 1;
    if (!Py_IsNone(PyTuple_GetItem(hit, EXPLANATION))) return 1;
    int odd = add_article(page, PyTuple_GetItem(hit, ARTICLE));
    if (!odd) odd = add(page, ",\"score\":");
    if (!odd) odd = add_rounded(page, PyTuple_GetItem(hit, SCORE), 4);
    if (!odd) odd = add(page, ",\"title_html\":");
    if (!odd) odd = add_title(page, PyTuple_GetItem(hit, TITLE));
    if (!odd) odd = add(page, ",\"snippets\":[");
    if (!odd) odd = add_snippets(page, PyTuple_GetItem(hit, SNIPPETS));
    return odd ? odd : add(page, "],\"duplicates\":0}");
}

static int add_hits(Page *page, PyObject *hits) {
    if (!PyTuple_Check(hits)) return 1;
    int odd = 0;
    for (Py_ssize_t i = 0; i < PyTuple_Size(hits) && !odd; i++) {
        if (i) odd = add(page, ",");
        if (!odd) odd = add_hit(page, PyTuple_GetItem(hits, i));
    }
    return odd;
}

/* ---- answers ------------------------------------------------------------------------------ */

/* What Python wrote, without its line end. */
typedef struct {
    const char *bytes;
    Py_ssize_t count;
} Given;

static int add_given(Page *page, Given given) {
    return given.count ? add_bytes(page, given.bytes, given.count - 1) : 1;
}

static int add_query(Page *page, PyObject *query, Given corrected) {
    if (!PyTuple_Check(query) || PyTuple_Size(query) != UNDERSTOOD) return 1;
    int odd = add(page, "{\"query\":{\"text\":");
    if (!odd) odd = add_string(page, PyTuple_GetItem(query, TYPED));
    if (!odd) odd = add(page, ",\"interpreted\":");
    if (!odd) odd = add_string(page, PyTuple_GetItem(query, INTERPRETED));
    if (!odd) odd = add(page, ",\"lemmas\":");
    if (!odd) odd = add_strings(page, PyTuple_GetItem(query, LEMMAS));
    if (!odd) odd = add(page, ",\"corrected\":");
    if (!odd) odd = add_given(page, corrected);
    if (!odd) odd = add(page, ",\"widened\":");
    if (!odd) odd = add(page, Py_IsTrue(PyTuple_GetItem(query, WIDENED)) ? "true" : "false");
    if (!odd) odd = add(page, ",\"all_words\":");
    if (!odd) odd = add_count(page, PyTuple_GetItem(query, ALL_WORDS));
    if (!odd) odd = add(page, ",\"warnings\":");
    if (!odd) odd = add_strings(page, PyTuple_GetItem(query, WARNINGS));
    return odd ? odd : add(page, "}");
}

static int add_answer(Page *page, PyObject *answer, Given corrected, Given facets) {
    PyObject *next = PyTuple_GetItem(answer, NEXT);
    int odd = add_query(page, PyTuple_GetItem(answer, QUERY), corrected);
    if (!odd) odd = add(page, ",\"total\":{\"value\":");
    if (!odd) odd = add_count(page, PyTuple_GetItem(answer, TOTAL));
    if (!odd) odd = add(page, ",\"relation\":\"eq\"},\"took_ms\":");
    if (!odd) odd = add_rounded(page, PyTuple_GetItem(answer, TOOK), 2);
    if (!odd) odd = add(page, ",\"generation\":");
    if (!odd) odd = add_count(page, PyTuple_GetItem(answer, GENERATION));
    if (!odd) odd = add(page, ",\"hits\":[");
    if (!odd) odd = add_hits(page, PyTuple_GetItem(answer, HITS));
    if (!odd) odd = add(page, "],\"facets\":");
    if (!odd) odd = add_given(page, facets);
    if (!odd) odd = add(page, ",\"next\":");
    if (!odd) odd = Py_IsNone(next) ? add(page, "null") : add_string(page, next);
    return odd ? odd : add(page, "}\n");
}

/* written(answer, corrected, facets, to_minute, offset_of) -> bytes, or None; what is corrected and
 * the facets are JSON already, each with a line end. */
static PyObject *written(PyObject *module, PyObject *arguments) {
    Page page = {.state = PyModule_GetState(module)};
    Given corrected, facets;
    PyObject *answer, *result = NULL;
    if (!PyArg_ParseTuple(arguments, "O!y#y#OO", &PyTuple_Type, &answer, &corrected.bytes,
                          &corrected.count, &facets.bytes, &facets.count, &page.to_minute,
                          &page.offset_of))
        return NULL;
    int odd = PyTuple_Size(answer) != ANSWER;
    if (!odd) odd = reserve(&page, ROOM);
    if (!odd) odd = add_answer(&page, answer, corrected, facets);
    if (odd > 0) result = Py_NewRef(Py_None);
    else if (!odd) result = PyBytes_FromStringAndSize(page.bytes, (Py_ssize_t)page.used);
    free(page.bytes);
    return result;
}

/* ---- the module --------------------------------------------------------------------------- */

static int prepare(PyObject *module) {
    State *state = PyModule_GetState(module);
    for (int name = 0; name < NAMES; name++) {
        state->names[name] = PyUnicode_InternFromString(names[name]);
        if (!state->names[name]) return -1;
    }
    for (int letter = 0; letter < ' '; letter++) state->special[letter] = JSON;
    state->special['"'] = JSON | HTML;
    state->special['\\'] = JSON;
    for (const char *letter = "&<>'"; *letter; letter++) state->special[(uint8_t)*letter] = HTML;
    return 0;
}

static void release(void *module) {
    State *state = PyModule_GetState(module);
    for (int name = 0; state && name < NAMES; name++) Py_CLEAR(state->names[name]);
}

static PyMethodDef methods[] = {
    {"written", written, METH_VARARGS, "Write an answer as JSON, or give None."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, prepare},
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_hits", NULL, sizeof(State), methods, slots, NULL, NULL, release,
};

PyMODINIT_FUNC PyInit__hits(void) { return PyModuleDef_Init(&definition); }
