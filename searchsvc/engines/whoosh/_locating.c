/* Places of matches: from keys of occurrences to places measured in characters.
 *
 * Does what `portable_locating.py` does, 5 times as fast; the tests hold one against the other. A
 * key is `document << 32 | position`; keys come as bytes of int64, ascending. Keys out of order, of
 * a damaged index, are looked at once each as well: they only lose places.
 */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SHIFT 32
#define POSITION (((int64_t)1 << SHIFT) - 1)
#define ROW (5 * (Py_ssize_t)sizeof(int64_t)) /* bytes of a match that is given */

/* ---- keys --------------------------------------------------------------------------------- */

typedef struct {
    const char *bytes; /* perhaps not aligned */
    Py_ssize_t count, next;
} Keys;

static int64_t key_at(const Keys *keys, Py_ssize_t place) {
    int64_t key;
    memcpy(&key, keys->bytes + place * (Py_ssize_t)sizeof key, sizeof key);
    return key;
}

/* Go on to the first key from the next one on that is not below one; tells whether it is that. */
static int go_to(Keys *keys, int64_t key) {
    while (keys->next < keys->count && key_at(keys, keys->next) < key) keys->next++;
    return keys->next < keys->count && key_at(keys, keys->next) == key;
}

/* Take bytes of keys; -1 with an exception set. */
static int take_keys(PyObject *bytes, Keys *keys) {
    if (!bytes || !PyBytes_Check(bytes) || PyBytes_Size(bytes) % (Py_ssize_t)sizeof(int64_t)) {
        PyErr_SetString(PyExc_TypeError, "keys are bytes of int64");
        return -1;
    }
    *keys = (Keys){PyBytes_AsString(bytes), PyBytes_Size(bytes) / (Py_ssize_t)sizeof(int64_t), 0};
    return 0;
}

/* Take a list of bytes of keys, which is let go of with free(); NULL with an exception set. */
static Keys *take_rows(PyObject *list, Py_ssize_t *count, Py_ssize_t *total) {
    if (!PyList_Check(list)) {
        PyErr_SetString(PyExc_TypeError, "rows of keys are a list");
        return NULL;
    }
    *count = PyList_Size(list);
    *total = 0;
    Keys *rows = malloc((size_t)(*count + 1) * sizeof *rows);
    if (!rows) {
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < *count; i++) {
        if (take_keys(PyList_GetItem(list, i), &rows[i]) < 0) {
            free(rows);
            return NULL;
        }
        *total += rows[i].count;
    }
    return rows;
}

/* Give the key so many positions further on; of a damaged one, any. */
static int64_t moved(int64_t key, Py_ssize_t positions) {
    return (int64_t)((uint64_t)key + (uint64_t)positions);
}

static int compare_keys(const void *one, const void *two) {
    int64_t a = *(const int64_t *)one, b = *(const int64_t *)two;
    return a < b ? -1 : a > b;
}

/* united(rows) -> the distinct keys of all rows, ascending */
static PyObject *united(PyObject *module, PyObject *list) {
    Py_ssize_t count, total, kept = 0, at = 0;
    (void)module;
    Keys *rows = take_rows(list, &count, &total);
    if (!rows) return NULL;
    int64_t *keys = malloc((size_t)(total + 1) * sizeof *keys);
    if (!keys) {
        free(rows);
        return PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        memcpy(keys + at, rows[i].bytes, (size_t)rows[i].count * sizeof *keys);
        at += rows[i].count;
    }
    free(rows);
    if (count > 1) qsort(keys, (size_t)total, sizeof *keys, compare_keys);
    for (Py_ssize_t i = 0; i < total; i++)
        if (!kept || keys[kept - 1] != keys[i]) keys[kept++] = keys[i];
    PyObject *bytes =
        PyBytes_FromStringAndSize((const char *)keys, kept * (Py_ssize_t)sizeof *keys);
    free(keys);
    return bytes;
}

/* side_by_side(rows) -> the keys of the first row that each further row has one further on */
static PyObject *side_by_side(PyObject *module, PyObject *list) {
    Py_ssize_t count, total, kept = 0;
    (void)module;
    Keys *rows = take_rows(list, &count, &total);
    if (!rows) return NULL;
    int64_t *keys = malloc((size_t)((count ? rows[0].count : 0) + 1) * sizeof *keys);
    if (!keys) {
        free(rows);
        return PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; count && i < rows[0].count; i++) {
        Py_ssize_t row = 1;
        keys[kept] = key_at(&rows[0], i);
        while (row < count && go_to(&rows[row], moved(keys[kept], row))) row++;
        kept += row == count;
    }
    free(rows);
    PyObject *bytes =
        PyBytes_FromStringAndSize((const char *)keys, kept * (Py_ssize_t)sizeof *keys);
    free(keys);
    return bytes;
}

/* ---- one article -------------------------------------------------------------------------- */

/* What stands for a clause: keys, tokens from each on, and where whole compounds begin. */
typedef struct {
    Keys keys, wholes;
    Py_ssize_t clause, length;
} Standing;

/* An occurrence, first by its tokens, then by its characters too. */
typedef struct {
    Py_ssize_t position, start, end, clause, length;
    int whole, in_title;
} Place;

typedef struct {
    Place *items;
    Py_ssize_t count, room;
} Places;

/* Tokens of a text that are asked for, ascending, and behind them pairs: where each starts and ends. */
typedef struct {
    int32_t *items;
    Py_ssize_t count, room;
} Tokens;

/* What all articles share: functions of Python, and what stands for the clauses. */
typedef struct {
    PyObject *piece_end;        /* piece_end(text, start) -> where the piece ends, or start */
    PyObject *offsets;          /* offsets(text, most) -> starts and ends of tokens, int32 */
    PyObject *quick;            /* quick(text, tokens) -> those of some, pairs, or None */
    Py_ssize_t gap;
    Standing *standing;
    Py_ssize_t clauses;
    Places places, found;
    Tokens tokens;
} Page;

static int append(Places *places, Place place) {
    if (places->count == places->room) {
        Py_ssize_t room = places->room ? 2 * places->room : 32;
        Place *items = realloc(places->items, (size_t)room * sizeof *items);
        if (!items) {
            PyErr_NoMemory();
            return -1;
        }
        places->items = items;
        places->room = room;
    }
    places->items[places->count++] = place;
    return 0;
}

/* List the places of a document; documents are asked for in ascending order. */
static int gather(Page *page, int64_t doc) {
    page->places.count = page->found.count = 0;
    for (Py_ssize_t i = 0; i < page->clauses; i++) {
        Standing *own = &page->standing[i];
        go_to(&own->keys, doc << SHIFT);
        for (; own->keys.next < own->keys.count; own->keys.next++) {
            int64_t key = key_at(&own->keys, own->keys.next);
            if (key >> SHIFT != doc) break;
            Place place = {
                .position = (Py_ssize_t)(key & POSITION),
                .clause = own->clause,
                .length = own->length,
                .whole = go_to(&own->wholes, key),
            };
            if (append(&page->places, place) < 0) return -1;
        }
    }
    return 0;
}

static int is_in_title(Place place, Py_ssize_t title_tokens) {
    return place.position + place.length <= title_tokens;
}

/* ---- tokens that are asked for ------------------------------------------------------------ */

static int compare_tokens(const void *one, const void *two) {
    int32_t a = *(const int32_t *)one, b = *(const int32_t *)two;
    return a < b ? -1 : a > b;
}

static void sort_tokens(Tokens *tokens) {
    Py_ssize_t kept = 0, sorted = 1;
    while (sorted < tokens->count && tokens->items[sorted - 1] <= tokens->items[sorted]) sorted++;
    if (sorted < tokens->count)
        qsort(tokens->items, (size_t)tokens->count, sizeof *tokens->items, compare_tokens);
    for (Py_ssize_t i = 0; i < tokens->count; i++)
        if (!kept || tokens->items[kept - 1] != tokens->items[i])
            tokens->items[kept++] = tokens->items[i];
    tokens->count = kept;
}

/* Make room for the tokens of all places and for their pairs; -1 with an exception set. */
static int make_room(Page *page) {
    Py_ssize_t room = 6 * page->places.count;
    if (room <= page->tokens.room) return 0;
    int32_t *items = realloc(page->tokens.items, (size_t)room * sizeof *items);
    if (!items) {
        PyErr_NoMemory();
        return -1;
    }
    page->tokens.items = items;
    page->tokens.room = room;
    return 0;
}

static int no_such_token(void) {
    PyErr_SetString(PyExc_IndexError, "a text has fewer tokens than its index");
    return -1;
}

/* List the first and last tokens of the places in the title or the body; -1 with an exception set. */
static int list_tokens(Page *page, int title, Py_ssize_t first, Py_ssize_t title_tokens) {
    Tokens *tokens = &page->tokens;
    tokens->count = 0;
    if (make_room(page) < 0) return -1;
    for (Py_ssize_t i = 0; i < page->places.count; i++) {
        Place place = page->places.items[i];
        if (title ? !is_in_title(place, title_tokens) : place.position < first) continue;
        Py_ssize_t token = place.position - first, last = token + place.length - 1;
        if (last > INT32_MAX) return no_such_token();
        tokens->items[tokens->count++] = (int32_t)token;
        if (last > token) tokens->items[tokens->count++] = (int32_t)last;
    }
    sort_tokens(tokens);
    return 0;
}

static int32_t *pairs_of(const Tokens *tokens) {
    return tokens->items + tokens->count;
}

/* Take pairs that were given; -1 with an exception set. */
static int take_pairs(Tokens *tokens, PyObject *given) {
    char *pairs;
    Py_ssize_t size, wanted = 2 * tokens->count * (Py_ssize_t)sizeof(int32_t);
    if (PyBytes_AsStringAndSize(given, &pairs, &size) < 0) return -1;
    if (size != wanted) return no_such_token();
    memcpy(pairs_of(tokens), pairs, (size_t)size);
    return 0;
}

/* Take pairs of the starts and ends of the first tokens; -1 with an exception set. */
static int pick_pairs(Tokens *tokens, PyObject *starts, PyObject *ends) {
    PyObject *every[] = {starts, ends};
    for (int side = 0; side < 2; side++) {
        Py_buffer numbers;
        if (PyObject_GetBuffer(every[side], &numbers, PyBUF_SIMPLE) < 0) return -1;
        Py_ssize_t count = numbers.len / (Py_ssize_t)sizeof(int32_t), i = 0;
        for (; i < tokens->count && tokens->items[i] < count; i++)
            memcpy(pairs_of(tokens) + 2 * i + side,
                   (const char *)numbers.buf + tokens->items[i] * (Py_ssize_t)sizeof(int32_t),
                   sizeof(int32_t));
        PyBuffer_Release(&numbers);
        if (i < tokens->count) return no_such_token();
    }
    return 0;
}

/* Ask for the first tokens of a text, where only all of them can be found. */
static int ask_all(const Page *page, PyObject *text, Tokens *tokens) {
    Py_ssize_t most = tokens->items[tokens->count - 1] + (Py_ssize_t)1;
    PyObject *pair = PyObject_CallFunction(page->offsets, "On", text, most);
    if (!pair) return -1;
    int failed = -1;
    if (!PyTuple_Check(pair) || PyTuple_Size(pair) != 2)
        PyErr_SetString(PyExc_TypeError, "offsets are a pair");
    else failed = pick_pairs(tokens, PyTuple_GetItem(pair, 0), PyTuple_GetItem(pair, 1));
    Py_DECREF(pair);
    return failed;
}

/* Ask where the listed tokens start and end; -1 with an exception set. */
static int ask_places(Page *page, PyObject *text) {
    Tokens *tokens = &page->tokens;
    PyObject *wanted = PyBytes_FromStringAndSize(
        (const char *)tokens->items, tokens->count * (Py_ssize_t)sizeof *tokens->items);
    if (!wanted) return -1;
    PyObject *given = PyObject_CallFunctionObjArgs(page->quick, text, wanted, NULL);
    Py_DECREF(wanted);
    if (!given) return -1;
    int failed = given == Py_None ? ask_all(page, text, tokens) : take_pairs(tokens, given);
    Py_DECREF(given);
    return failed;
}

/* Give the pair of a token that was asked for. */
static const int32_t *pair_of(const Tokens *tokens, Py_ssize_t token) {
    Py_ssize_t low = 0, high = tokens->count - 1;
    while (low < high) {
        Py_ssize_t middle = low + (high - low) / 2;
        if (tokens->items[middle] < token) low = middle + 1;
        else high = middle;
    }
    return pairs_of(tokens) + 2 * low;
}

/* ---- places in characters ----------------------------------------------------------------- */

/* Take the end of a whole compound where it is further; -1 with an exception set. */
static int extend(const Page *page, PyObject *text, Place *place) {
    PyObject *asked = PyObject_CallFunction(page->piece_end, "On", text, place->start);
    if (!asked) return -1;
    Py_ssize_t end = PyLong_AsSsize_t(asked);
    Py_DECREF(asked);
    if (end == -1 && PyErr_Occurred()) return -1;
    if (end > place->end) place->end = end;
    return 0;
}

/* Measure the places in one of an article's texts, whose first token has a position. */
static int measure(Page *page, PyObject *text, int title, Py_ssize_t first,
                   Py_ssize_t title_tokens) {
    Py_ssize_t characters = PyUnicode_GetLength(text);
    for (Py_ssize_t i = 0; i < page->places.count; i++) {
        Place place = page->places.items[i];
        Py_ssize_t token = place.position - first;
        if (title ? !is_in_title(place, title_tokens) : token < 0) continue;
        place.start = pair_of(&page->tokens, token)[0];
        place.end = pair_of(&page->tokens, token + place.length - 1)[1];
        place.in_title = title;
        if (place.whole && extend(page, text, &place) < 0) return -1;
        /* A made title may end inside a phrase or a compound of the text. */
        if (title && place.end > characters) continue;
        if (append(&page->found, place) < 0) return -1;
    }
    return 0;
}

static int compare_places(const void *one, const void *two) {
    const Place *a = one, *b = two;
    if (a->in_title != b->in_title) return a->in_title - b->in_title;
    if (a->position != b->position) return a->position < b->position ? -1 : 1;
    if (a->start != b->start) return a->start < b->start ? -1 : 1;
    if (a->end != b->end) return a->end < b->end ? -1 : 1;
    return a->clause < b->clause ? -1 : a->clause > b->clause;
}

/* Find the matches in an article's text, then those in its title. */
static int find(Page *page, PyObject *title, PyObject *text, Py_ssize_t title_tokens, int made) {
    Py_ssize_t first = title_tokens && !made ? title_tokens + page->gap : 0;
    if (list_tokens(page, 0, first, title_tokens) < 0) return -1;
    if (page->tokens.count &&
        (ask_places(page, text) < 0 || measure(page, text, 0, first, title_tokens) < 0))
        return -1;
    if (!made) { /* else its tokens are the text's */
        if (list_tokens(page, 1, 0, title_tokens) < 0) return -1;
        if (page->tokens.count && ask_places(page, title) < 0) return -1;
    }
    if (page->tokens.count && measure(page, title, 1, 0, title_tokens) < 0) return -1;
    if (page->found.count > 1)
        qsort(page->found.items, (size_t)page->found.count, sizeof(Place), compare_places);
    return 0;
}

/* ---- what goes out ------------------------------------------------------------------------ */

/* Write down the matches; protocol.PLACE. */
static PyObject *written(const Page *page) {
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, page->found.count * ROW);
    int64_t *numbers = bytes ? (int64_t *)PyBytes_AsString(bytes) : NULL;
    for (Py_ssize_t i = 0; numbers && i < page->found.count; i++) {
        const Place *place = &page->found.items[i];
        int64_t row[] = {place->in_title, place->position, place->start, place->end, place->clause};
        memcpy((char *)numbers + i * ROW, row, ROW);
    }
    return bytes;
}

/* ---- the calls ---------------------------------------------------------------------------- */

/* Take what stands for the clauses; -1 with an exception set. */
static int take_standing(Page *page, PyObject *rows) {
    page->clauses = PyTuple_Size(rows);
    page->standing = calloc((size_t)page->clauses + 1, sizeof *page->standing);
    if (!page->standing) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < page->clauses; i++) {
        Standing *own = &page->standing[i];
        PyObject *row = PyTuple_GetItem(rows, i), *keys, *wholes;
        if (!row || !PyTuple_Check(row)) {
            PyErr_SetString(PyExc_TypeError, "what stands for a clause is a tuple");
            return -1;
        }
        if (!PyArg_ParseTuple(row, "nOnO", &own->clause, &keys, &own->length, &wholes) ||
            take_keys(keys, &own->keys) < 0 || take_keys(wholes, &own->wholes) < 0)
            return -1;
        if (own->length < 1 || own->length > INT32_MAX) {
            PyErr_SetString(PyExc_ValueError, "an occurrence has tokens");
            return -1;
        }
    }
    return 0;
}

/* Give the places in a row: title, text, document, tokens of its title, whether that is made. */
static PyObject *places_in(Page *page, PyObject *row) {
    Py_ssize_t doc, title_tokens;
    int made;
    PyObject *title, *text;
    if (!row || !PyTuple_Check(row)) {
        PyErr_SetString(PyExc_TypeError, "a document is a tuple");
        return NULL;
    }
    if (!PyArg_ParseTuple(row, "UUnnp", &title, &text, &doc, &title_tokens, &made))
        return NULL;
    if (doc < 0 || doc > INT32_MAX || title_tokens < 0 || title_tokens > INT32_MAX) {
        PyErr_SetString(PyExc_ValueError, "a number of a document is out of range");
        return NULL;
    }
    if (gather(page, doc) < 0) return NULL;
    if (page->places.count && find(page, title, text, title_tokens, made) < 0) return NULL;
    return written(page);
}

static PyObject *places_in_all(Page *page, PyObject *documents) {
    Py_ssize_t count = PyTuple_Size(documents);
    PyObject *list = PyList_New(count);
    for (Py_ssize_t i = 0; list && i < count; i++) {
        PyObject *own = places_in(page, PyTuple_GetItem(documents, i));
        if (own) PyList_SetItem(list, i, own);
        else Py_CLEAR(list);
    }
    return list;
}

/* places(documents, standing, offsets, quick, (gap, piece_end)) -> a list of bytes. `documents` are
 * (title, text, number, tokens of its title, whether that is made), by number, ascending; `standing`
 * are (clause, keys, length in tokens, keys of whole compounds). */
static PyObject *places(PyObject *module, PyObject *arguments) {
    Page page = {0};
    PyObject *documents, *standing, *result = NULL;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "O!O!OO(nO)", &PyTuple_Type, &documents, &PyTuple_Type,
                          &standing, &page.offsets, &page.quick, &page.gap, &page.piece_end))
        return NULL;
    if (page.gap < 0 || page.gap > INT32_MAX) {
        PyErr_SetString(PyExc_TypeError, "a gap is some positions");
        return NULL;
    }
    if (!take_standing(&page, standing)) result = places_in_all(&page, documents);
    free(page.standing);
    free(page.places.items);
    free(page.found.items);
    free(page.tokens.items);
    return result;
}

/* ---- the module --------------------------------------------------------------------------- */

static PyMethodDef methods[] = {
    {"united", united, METH_O, "Unite rows of keys."},
    {"side_by_side", side_by_side, METH_O, "Find where rows of keys stand side by side."},
    {"places", places, METH_VARARGS, "Measure what stands for clauses in documents."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_locating", NULL, 0, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__locating(void) {
    return PyModule_Create(&definition);
}
