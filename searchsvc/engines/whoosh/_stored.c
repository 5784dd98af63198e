/* Stored articles: from the bytes of one article to its object, in one pass.
 *
 * What comes in is the JSON that `stored.py` writes, in an encoding of one byte a letter. Read is
 * what stands there all the time: strings, lists of strings, true. Wherever there is anything else
 * (another encoding, \u escapes, other spaces, unknown fields, damage) the answer is None, and
 * `stored.py`, which does the same without this file, reads the article or says what is wrong.
 * Bytes objects end with a zero byte, which is no letter: every loop stops there.
 */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS 32  /* the most an article may have */
#define LETTERS 256

typedef enum { STRING, STRINGS, FLAG, DATE } Kind;

/* A slot of a type: its `__setattr__` refuses values, as instances are immutable; a slot's own
 * descriptor takes them. */
typedef struct {
    PyObject *descriptor;
    descrsetfunc set;
} Slot;

typedef struct {
    PyObject *name;        /* str */
    const char *written;   /* the same in UTF-8; `name` holds it */
    Py_ssize_t length;
    PyObject *otherwise;   /* the value where the field is left out */
    Kind kind;
    Slot slot;
} Field;

typedef struct {
    PyObject *type;
    newfunc make;
} Made;

typedef struct {
    PyObject_HEAD
    Made article, date;
    PyObject *moment, *precisions; /* what makes a date's start; its precisions by name */
    PyObject *none;                /* () */
    Slot id, start, precision;
    Field fields[FIELDS];
    Py_ssize_t count;
    uint8_t encoding;           /* the first byte of what can be read */
    uint16_t letters[LETTERS];  /* by byte; 0 where it is none or means something in JSON */
} Reader;

/* ---- one article -------------------------------------------------------------------------- */

/* Functions that give NULL or -1 without an exception say: this is not for us to read. */
typedef struct {
    const Reader *reader;
    const uint8_t *at;
    uint16_t *room; /* for the letters of one string */
    PyObject *values[FIELDS];
} Article;

static uint16_t escaped(uint8_t letter) {
    switch (letter) {
        case 'n': return '\n';
        case 't': return '\t';
        case 'r': return '\r';
        case 'b': return '\b';
        case 'f': return '\f';
        case '"': case '\\': case '/': return letter;
        default: return 0;
    }
}

static PyObject *read_string(Article *article) {
    const uint16_t *letters = article->reader->letters;
    const uint8_t *at = article->at, *begin = at + 1;
    uint16_t *out = article->room, letter, all = 0;
    if (*at++ != '"') return NULL;
    for (;;) {
        while ((letter = letters[*at])) {
            *out++ = letter;
            all |= letter;
            at++;
        }
        if (*at == '"') break;
        if (*at != '\\' || !(letter = escaped(at[1]))) return NULL;
        *out++ = letter;
        at += 2;
    }
    article->at = at + 1;
    if (all < 128 && at - begin == out - article->room)
        return PyUnicode_FromStringAndSize((const char *)begin, at - begin);
    static const uint16_t one = 1;
    int order = *(const uint8_t *)&one ? -1 : 1;
    return PyUnicode_DecodeUTF16((const char *)article->room,
                                 (Py_ssize_t)((out - article->room) * 2), NULL, &order);
}

/* Append the strings of a list, of which there is one at least; 0 where it was read to its end. */
static int append_strings(Article *article, PyObject *list) {
    if (*article->at++ != '[') return -1;
    for (;;) {
        PyObject *string = read_string(article);
        int failed = !string || PyList_Append(list, string) < 0;
        Py_XDECREF(string);
        if (failed) return -1;
        if (*article->at == ']') {
            article->at++;
            return 0;
        }
        if (article->at[0] != ',' || article->at[1] != ' ') return -1;
        article->at += 2;
    }
}

static PyObject *read_strings(Article *article) {
    PyObject *tuple = NULL, *list = PyList_New(0);
    if (list && !append_strings(article, list)) tuple = PyList_AsTuple(list);
    Py_XDECREF(list);
    return tuple;
}

static PyObject *read_flag(Article *article) {
    if (strncmp((const char *)article->at, "true", 4)) return NULL;
    article->at += 4;
    return Py_NewRef(Py_True);
}

static int set(PyObject *object, const Slot *slot, PyObject *value) {
    return slot->set(slot->descriptor, object, value);
}

/* Make an instance whose values are still to be set. */
static PyObject *blank(const Reader *reader, const Made *made) {
    return made->make((PyTypeObject *)made->type, reader->none, NULL);
}

static PyObject *made_date(const Reader *reader, PyObject *written, PyObject *name) {
    PyObject *precision = PyDict_GetItemWithError(reader->precisions, name);
    if (!precision) return NULL;
    PyObject *start = PyObject_CallFunctionObjArgs(reader->moment, written, NULL);
    PyObject *date = start ? blank(reader, &reader->date) : NULL;
    int failed = !date || set(date, &reader->start, start) < 0 ||
                 set(date, &reader->precision, precision) < 0;
    Py_XDECREF(start);
    if (!failed) return date;
    Py_XDECREF(date);
    return NULL;
}

static PyObject *read_date(Article *article) {
    PyObject *date = NULL, *pair = read_strings(article);
    if (pair && PyTuple_Size(pair) == 2)
        date = made_date(article->reader, PyTuple_GetItem(pair, 0), PyTuple_GetItem(pair, 1));
    Py_XDECREF(pair);
    return date;
}

/* Find the field whose name stands in quotes here and go behind `": `; -1: there is none. */
static Py_ssize_t read_name(Article *article) {
    const Reader *reader = article->reader;
    const uint8_t *name = article->at, *end;
    if (*name++ != '"') return -1;
    for (end = name; (*end >= 'a' && *end <= 'z') || *end == '_';) end++;
    if (end[0] != '"' || end[1] != ':' || end[2] != ' ') return -1;
    article->at = end + 3;
    for (Py_ssize_t i = 0; i < reader->count; i++) {
        const Field *field = &reader->fields[i];
        if (field->length == end - name && !memcmp(field->written, name, (size_t)field->length))
            return i;
    }
    return -1;
}

static int read_field(Article *article) {
    Py_ssize_t number = read_name(article);
    if (number < 0 || article->values[number]) return -1;
    PyObject *value = NULL;
    switch (article->reader->fields[number].kind) {
        case STRING: value = read_string(article); break;
        case STRINGS: value = read_strings(article); break;
        case FLAG: value = read_flag(article); break;
        case DATE: value = read_date(article); break;
    }
    article->values[number] = value;
    return value ? 0 : -1;
}

static int read_fields(Article *article, const uint8_t *end) {
    if (*article->at++ != '{') return -1;
    while (!read_field(article)) {
        if (*article->at == '}') return article->at + 1 == end ? 0 : -1;
        if (article->at[0] != ',' || article->at[1] != ' ') return -1;
        article->at += 2;
    }
    return -1;
}

static PyObject *made_article(const Article *article, PyObject *id) {
    const Reader *reader = article->reader;
    PyObject *object = blank(reader, &reader->article);
    int failed = !object || set(object, &reader->id, id) < 0;
    for (Py_ssize_t i = 0; !failed && i < reader->count; i++) {
        const Field *field = &reader->fields[i];
        PyObject *value = article->values[i];
        failed = set(object, &field->slot, value ? value : field->otherwise) < 0;
    }
    if (!failed) return object;
    Py_XDECREF(object);
    return NULL;
}

/* article(data, id) -> the article, or None where `stored.py` has to read it */
static PyObject *read_article(PyObject *self, PyObject *const *arguments, Py_ssize_t count) {
    Article article = {.reader = (Reader *)self};
    PyObject *result = NULL;
    if (count != 2 || !PyBytes_Check(arguments[0]) || !PyUnicode_Check(arguments[1])) {
        PyErr_SetString(PyExc_TypeError, "bytes and an id are required");
        return NULL;
    }
    Py_ssize_t size = PyBytes_Size(arguments[0]);
    const uint8_t *bytes = (const uint8_t *)PyBytes_AsString(arguments[0]);
    if (!size || *bytes != article.reader->encoding) return Py_NewRef(Py_None);
    article.at = bytes + 1;
    article.room = malloc((size_t)size * sizeof *article.room);
    if (!article.room) return PyErr_NoMemory();
    int failed = read_fields(&article, bytes + size);
    if (!failed) result = made_article(&article, arguments[1]);
    else if (!PyErr_Occurred()) result = Py_NewRef(Py_None);
    free(article.room);
    for (Py_ssize_t i = 0; i < article.reader->count; i++) Py_XDECREF(article.values[i]);
    return result;
}

/* ---- the module --------------------------------------------------------------------------- */

static void drop(PyObject *self) {
    Reader *reader = (Reader *)self;
    PyTypeObject *type = Py_TYPE(self);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    PyObject_GC_UnTrack(self);
    for (Py_ssize_t i = 0; i < reader->count; i++) {
        Py_XDECREF(reader->fields[i].name);
        Py_XDECREF(reader->fields[i].otherwise);
        Py_XDECREF(reader->fields[i].slot.descriptor);
    }
    Py_XDECREF(reader->article.type);
    Py_XDECREF(reader->date.type);
    Py_XDECREF(reader->moment);
    Py_XDECREF(reader->precisions);
    Py_XDECREF(reader->none);
    Py_XDECREF(reader->id.descriptor);
    Py_XDECREF(reader->start.descriptor);
    Py_XDECREF(reader->precision.descriptor);
    release(self);
    Py_DECREF(type);
}

static int traverse(PyObject *self, visitproc visit, void *arg) {
    Reader *reader = (Reader *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(reader->article.type);
    Py_VISIT(reader->date.type);
    Py_VISIT(reader->moment);
    Py_VISIT(reader->precisions);
    for (Py_ssize_t i = 0; i < reader->count; i++) Py_VISIT(reader->fields[i].otherwise);
    return 0;
}

/* Find the slot of an attribute; -1 with an exception set. */
static int find_slot(const Made *made, const char *name, Slot *slot) {
    slot->descriptor = PyObject_GetAttrString(made->type, name);
    if (!slot->descriptor) return -1;
    slot->set = (descrsetfunc)PyType_GetSlot(Py_TYPE(slot->descriptor), Py_tp_descr_set);
    if (slot->set) return 0;
    PyErr_Format(PyExc_TypeError, "%s is no slot", name);
    return -1;
}

static void take_type(Made *made, PyObject *type) {
    made->type = Py_NewRef(type);
    made->make = (newfunc)PyType_GetSlot((PyTypeObject *)type, Py_tp_new);
}

/* Take a field and its default, which tells what kind it is: "", (), False or None of a date. */
static int take_field(Reader *reader, PyObject *name, PyObject *otherwise) {
    Field *field = &reader->fields[reader->count];
    if (reader->count == FIELDS || !PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_ValueError, "too many fields, or one without a name");
        return -1;
    }
    field->written = PyUnicode_AsUTF8AndSize(name, &field->length);
    if (!field->written) return -1;
    field->kind = PyUnicode_Check(otherwise) ? STRING
                  : PyTuple_Check(otherwise) ? STRINGS
                  : PyBool_Check(otherwise)  ? FLAG
                                             : DATE;
    field->name = Py_NewRef(name);
    field->otherwise = Py_NewRef(otherwise);
    reader->count++;
    return find_slot(&reader->article, field->written, &field->slot);
}

static void take_letters(Reader *reader, const char *letters) {
    memcpy(reader->letters, letters, sizeof reader->letters);
    for (int each = 0; each < ' '; each++) reader->letters[each] = 0;
    reader->letters['"'] = reader->letters['\\'] = 0;
}

/* Reader(article, fields, date, moment, precisions, encoding, letters): `fields` has defaults by
 * name, `letters` (256,) code points of 16 bits by byte. */
static PyObject *make(PyTypeObject *type, PyObject *arguments, PyObject *names) {
    PyObject *article, *fields, *date, *moment, *precisions, *name, *otherwise;
    const char *encoding, *letters;
    Py_ssize_t written, size, place = 0;
    (void)names;
    if (!PyArg_ParseTuple(arguments, "O!O!O!OO!y#y#", &PyType_Type, &article, &PyDict_Type, &fields,
                          &PyType_Type, &date, &moment, &PyDict_Type, &precisions, &encoding,
                          &written, &letters, &size))
        return NULL;
    if (written != 1 || size != LETTERS * 2) {
        PyErr_SetString(PyExc_ValueError, "a byte and 256 letters are required");
        return NULL;
    }
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Reader *reader = (Reader *)allocate(type, 0);
    if (!reader) return NULL;
    take_type(&reader->article, article);
    take_type(&reader->date, date);
    reader->moment = Py_NewRef(moment);
    reader->precisions = Py_NewRef(precisions);
    reader->encoding = (uint8_t)*encoding;
    take_letters(reader, letters);
    reader->none = PyTuple_New(0);
    int failed = !reader->none || find_slot(&reader->article, "id", &reader->id) < 0 ||
                 find_slot(&reader->date, "start", &reader->start) < 0 ||
                 find_slot(&reader->date, "precision", &reader->precision) < 0;
    while (!failed && PyDict_Next(fields, &place, &name, &otherwise))
        failed = take_field(reader, name, otherwise);
    if (!failed) return (PyObject *)reader;
    Py_DECREF(reader);
    return NULL;
}

static PyMethodDef methods[] = {
    {"article", (PyCFunction)(void (*)(void))read_article, METH_FASTCALL, "Read an article, or give None."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_new, make},
    {Py_tp_dealloc, drop},
    {Py_tp_traverse, traverse},
    {Py_tp_methods, methods},
    {Py_tp_doc, "A reader of stored articles."},
    {0, NULL},
};

static PyType_Spec specification = {
    "searchsvc.engines.whoosh._stored.Reader", sizeof(Reader), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, slots,
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_stored", NULL, 0, NULL, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__stored(void) {
    PyObject *module = PyModule_Create(&definition);
    if (!module) return NULL;
    PyObject *type = PyType_FromSpec(&specification);
    if (!type || PyModule_AddObjectRef(module, "Reader", type) < 0) {
        Py_XDECREF(type);
        Py_DECREF(module);
        return NULL;
    }
    Py_DECREF(type);
    return module;
}
