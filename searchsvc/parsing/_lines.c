/* Lines of JSON whose title and text are plain: read in one pass, without making texts of them.
 *
 * A line comes in, the values of its fields go out in their order. The title and the text become
 * cp1251, a byte a letter, the text parted at its joints; other texts, whole numbers and flat
 * arrays become what `json` makes of them. Whatever is not as it usually is (broken, nested, a
 * fraction, a name given twice, a letter that is suspect, untidy spaces) is left to `records.py`:
 * the answer is None. Nothing is trusted; memory is at most nine times the line.
 */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include "_plain.h"

#include <stdlib.h>
#include <string.h>

#define FIELDS 64   /* of a line at most */
#define NAMED 4096  /* bytes of all names at most */
#define DIGITS 18   /* of a whole number at most: it fits 64 bits */
#define SHORT 200   /* bytes of a value that many lines have in common */
#define SAMPLE 300  /* letters of a text that are looked at for Russian words */
#define WORDS 16
#define SCRATCH 65536
#define SHORTEST 5  /* letters of a title or text: «null» and «none» are none */

enum { OTHER_FIELD, TITLE, BODY, COMMON }; /* what a plan says of each field */
enum { STRING, NUMBER, LITERAL, ARRAY };

typedef struct {
    const uint8_t *name, *value; /* where they begin, behind their quotes */
    Py_ssize_t named, size;
    int kind;
} Field;

typedef struct {
    uint32_t words[WORDS]; /* of four letters at most */
    int count;
} Words;

typedef struct {
    PyObject_HEAD
    uint16_t *letters; /* by code point below `span`: class << 8 | cp1251, 0 where not plain */
    Py_ssize_t span;
    uint8_t lower[256]; /* by cp1251; a space for a line feed */
    Words usual, unusual;
    char telling[256]; /* by cp1251, in small letters: what Russian has and others do not */
    PyObject *plan_of;    /* plan_of(names) -> (a byte a field, anything) or None */
    PyObject *loads;      /* reads any JSON value; raises ValueError */
    uint8_t names[NAMED]; /* of the last plan, each with a quote behind it */
    Py_ssize_t named;     /* -1: there is none */
    uint8_t roles[FIELDS];
    PyObject *known; /* the names of the last plan, a tuple */
    PyObject *plan;  /* NULL: lines of such fields are left to others */
    uint8_t scratch[SCRATCH];
} Reader;

typedef struct {
    const uint8_t *at, *end;
    Field fields[FIELDS];
    int count;
} Line;

/* ---- the line's shape ----------------------------------------------------------------------- */

static int next_byte(Line *line) {
    while (line->at < line->end && (*line->at == ' ' || *line->at == '\t' || *line->at == '\r'))
        line->at++;
    return line->at < line->end ? *line->at : -1;
}

/* Pass over a string that begins here; gives its end, NULL where it has none. */
static const uint8_t *string_end(const uint8_t *at, const uint8_t *end) {
    const uint8_t *begin = ++at;
    while (at < end && (at = memchr(at, '"', (size_t)(end - at))) != NULL) {
        const uint8_t *before = at;
        while (before > begin && before[-1] == '\\') before--;
        if ((at - before) % 2 == 0) return at;
        at++;
    }
    return NULL;
}

static int is_digit(int byte) { return byte >= '0' && byte <= '9'; }

/* Pass over a whole number; NULL where it is none, or may lose digits. */
static const uint8_t *number_end(const uint8_t *at, const uint8_t *end) {
    at += *at == '-';
    const uint8_t *begin = at;
    while (at < end && is_digit(*at)) at++;
    if (at == begin || at - begin > DIGITS || (*begin == '0' && at - begin > 1)) return NULL;
    return at < end && (*at == '.' || *at == 'e' || *at == 'E') ? NULL : at;
}

static const uint8_t *literal_end(const uint8_t *at, const uint8_t *end) {
    static const char *const literals[] = {"null", "true", "false"};
    for (int i = 0; i < 3; i++) {
        size_t size = strlen(literals[i]);
        if ((size_t)(end - at) >= size && !memcmp(at, literals[i], size)) return at + size;
    }
    return NULL;
}

/* Pass over an array with none inside it; whether it is JSON is seen when it is read. */
static const uint8_t *array_end(const uint8_t *at, const uint8_t *end) {
    for (at++; at < end && *at != ']'; at++) {
        if (*at == '[' || *at == '{') return NULL;
        if (*at == '"' && !(at = string_end(at, end))) return NULL;
    }
    return at < end ? at + 1 : NULL;
}

/* Find where a value ends, and what it is; 0 where others have to look. */
static int read_value(Line *line, Field *field) {
    const uint8_t *end;
    int first = next_byte(line);
    field->value = line->at;
    if (first == '"') {
        field->kind = STRING;
        if (!(end = string_end(line->at, line->end))) return 0;
        field->size = end - ++field->value;
        line->at = end + 1;
        return 1;
    }
    if (first < 0) return 0;
    field->kind = first == '[' ? ARRAY : is_digit(first) || first == '-' ? NUMBER : LITERAL;
    end = field->kind == ARRAY    ? array_end(line->at, line->end)
          : field->kind == NUMBER ? number_end(line->at, line->end)
                                  : literal_end(line->at, line->end);
    if (!end) return 0;
    field->size = end - line->at;
    line->at = end;
    return 1;
}

/* Find the fields of an object; 0 where others have to look. */
static int read_shape(Line *line) {
    int byte = next_byte(line);
    if (byte != '{') return 0;
    do {
        if (line->count == FIELDS) return 0;
        Field *field = &line->fields[line->count++];
        line->at++;
        if (next_byte(line) != '"') return 0;
        const uint8_t *end = string_end(line->at, line->end);
        if (!end) return 0;
        field->name = line->at + 1;
        field->named = end - field->name;
        line->at = end + 1;
        if (next_byte(line) != ':') return 0;
        line->at++;
        if (!read_value(line, field)) return 0;
    } while ((byte = next_byte(line)) == ',');
    line->at++;
    return byte == '}' && next_byte(line) < 0;
}

/* ---- plans ---------------------------------------------------------------------------------- */

static int is_simple(const uint8_t *bytes, Py_ssize_t size) {
    for (Py_ssize_t i = 0; i < size; i++)
        if (bytes[i] < ' ' || bytes[i] == '\\') return 0;
    return 1;
}

/* Decode a string without escapes; NULL without an exception where it is not strict UTF-8. */
static PyObject *text_of(const uint8_t *bytes, Py_ssize_t size) {
    PyObject *text = PyUnicode_DecodeUTF8((const char *)bytes, size, "strict");
    if (!text && PyErr_ExceptionMatches(PyExc_ValueError)) PyErr_Clear();
    return text;
}

/* Ask for the plan of a line's names, a tuple; -1 with an exception set. */
static int ask_plan(Reader *reader, PyObject *names, int count) {
    PyObject *plan = PyObject_CallFunctionObjArgs(reader->plan_of, names, NULL), *known;
    char *roles;
    Py_ssize_t size;
    if (!plan) return -1;
    if (plan == Py_None) {
        Py_DECREF(plan);
        Py_CLEAR(reader->plan); /* that of another line, if one was read meanwhile */
        return 0;
    }
    if (!PyTuple_Check(plan) || !PyArg_ParseTuple(plan, "SO", &known, &known) ||
        PyBytes_AsStringAndSize(PyTuple_GetItem(plan, 0), &roles, &size) < 0 || size != count) {
        Py_DECREF(plan);
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "a plan has a byte a field");
        return -1;
    }
    memcpy(reader->roles, roles, (size_t)count);
    Py_CLEAR(reader->plan);
    reader->plan = Py_NewRef(known);
    Py_DECREF(plan);
    return 0;
}

static PyObject *names_of(const Line *line) {
    PyObject *names = PyTuple_New(line->count);
    for (int i = 0; names && i < line->count; i++) {
        const Field *field = &line->fields[i];
        PyObject *name = is_simple(field->name, field->named) ? text_of(field->name, field->named)
                                                              : NULL;
        if (!name || PyTuple_SetItem(names, i, name) < 0) Py_CLEAR(names);
    }
    return names;
}

/* See to the plan of a line's fields; 0 where there is none, -1 with an exception set. */
static int find_plan(Reader *reader, const Line *line) {
    uint8_t joined[NAMED];
    Py_ssize_t named = 0;
    for (int i = 0; i < line->count; i++) {
        const Field *field = &line->fields[i];
        if (field->named >= NAMED - named) return 0;
        memcpy(joined + named, field->name, (size_t)field->named);
        named += field->named;
        joined[named++] = '"';
    }
    if (named != reader->named || memcmp(joined, reader->names, (size_t)named) != 0) {
        reader->named = -1;
        Py_CLEAR(reader->plan);
        PyObject *names = names_of(line);
        if (!names) return PyErr_Occurred() ? -1 : 0;
        int failed = ask_plan(reader, names, line->count);
        Py_CLEAR(reader->known);
        reader->known = names;
        reader->named = -1;
        if (failed) return -1;
        memcpy(reader->names, joined, (size_t)named);
        reader->named = named;
    }
    return reader->plan != NULL;
}

/* ---- plain texts ---------------------------------------------------------------------------- */

static int hex_of(const uint8_t *at) {
    int code = 0;
    for (int i = 0; i < 4; i++) {
        int byte = at[i], digit;
        if (is_digit(byte)) digit = byte - '0';
        else if ((byte | 32) >= 'a' && (byte | 32) <= 'f') digit = (byte | 32) - 'a' + 10;
        else return -1;
        code = code << 4 | digit;
    }
    return code;
}

/* Read the letter that an escape stands for; -1 where others have to look. */
static int32_t escaped(const uint8_t **at, const uint8_t *end) {
    const uint8_t *begin = *at + 1;
    if (begin >= end) return -1;
    *at += 2;
    if (*begin == 'n') return '\n';
    if (*begin == '"' || *begin == '\\' || *begin == '/') return *begin;
    if (*begin != 'u' || end - begin < 5) return -1;
    *at += 4;
    return hex_of(begin + 1);
}

/* Read a letter of UTF-8 of two or three bytes; -1 where others have to look. */
static int32_t encoded(const uint8_t **at, const uint8_t *end) {
    const uint8_t *bytes = *at;
    int more = (bytes[0] & 0xE0) == 0xC0 ? 1 : (bytes[0] & 0xF0) == 0xE0 ? 2 : 0;
    if (!more || end - bytes <= more || (bytes[1] & 0xC0) != 0x80) return -1;
    int32_t code = (bytes[0] & 0x3F >> more) << 6 | (bytes[1] & 0x3F);
    if (more == 2) {
        if ((bytes[2] & 0xC0) != 0x80) return -1;
        code = code << 6 | (bytes[2] & 0x3F);
    }
    *at += 1 + more;
    return code < (more == 1 ? 0x80 : 0x800) ? -1 : code;
}

/* A text while it is made: a place for each is had for every byte of the string. */
typedef struct {
    Text text;
    uint8_t *letters, *classes;
    int32_t *marks; /* where what is no word stands: signs, spaces, line feeds */
    Py_ssize_t marked;
} Narrow;

/* Write a string as cp1251 with the classes of its letters; 0 where one is suspect. */
static int narrow(const Reader *reader, const Field *field, Narrow *made) {
    const uint8_t *at = field->value, *end = at + field->size;
    Py_ssize_t count = 0, marked = 0;
    while (at < end) {
        int32_t code = *at;
        if ((code & 0xFE) == 0xD0 && (at[1] & 0xC0) == 0x80) { /* Cyrillic */
            code = (code & 0x1F) << 6 | (at[1] & 0x3F);
            at += 2;
        } else if (code == '\\') code = escaped(&at, end);
        else if (code >= 0x80) code = encoded(&at, end);
        else if (code < ' ') return 0;
        else at++;
        uint16_t letter = code >= 0 && code < reader->span ? reader->letters[code] : 0;
        if (!letter) return 0;
        made->letters[count] = (uint8_t)letter;
        made->classes[count] = (uint8_t)(letter >> 8);
        made->marks[marked] = (int32_t)count++;
        marked += letter >> 8 >= STOP;
    }
    made->text.length = count;
    made->marked = marked;
    return 1;
}

/* Find the joints among the marks, which they replace; 0 where spaces are untidy or a tag may
 * be. */
static int find_joints(Narrow *made) {
    Py_ssize_t joints = 0;
    for (Py_ssize_t i = 0; i < made->marked; i++) {
        int32_t place = made->marks[i];
        if (is_blank(made->classes[place])) {
            if (!is_tidy(&made->text, place)) return 0;
        } else if (made->classes[place] == MARKUP) {
            if (place + 1 < made->text.length && is_markup(made->letters[place + 1])) return 0;
        } else if (is_joint(&made->text, place)) made->marks[joints++] = place;
    }
    made->marked = joints;
    return 1;
}

/* Make a text that ends a line after each joint. */
static PyObject *parted(const Narrow *made) {
    Py_ssize_t from = 0, length = made->text.length;
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, length + made->marked);
    if (!bytes) return NULL;
    char *out = PyBytes_AsString(bytes);
    for (Py_ssize_t i = 0; i < made->marked; i++) {
        Py_ssize_t to = made->marks[i] + 1;
        memcpy(out, made->letters + from, (size_t)(to - from));
        out += to - from;
        *out++ = '\n';
        from = to;
    }
    memcpy(out, made->letters + from, (size_t)(length - from));
    return bytes;
}

static int has_lines(const Narrow *made) {
    return memchr(made->letters, '\n', (size_t)made->text.length) != NULL;
}

/* Make the bytes of a title or a text; NULL without an exception where others have to look. */
static PyObject *plain_of(Reader *reader, const Field *field, int role) {
    enum { EACH = 6 }; /* bytes for each of the string */
    size_t room = (size_t)field->size + 4;
    if (field->kind != STRING || field->size >= INT32_MAX) return NULL;
    uint8_t *scratch = room <= SCRATCH / EACH ? reader->scratch : malloc(EACH * room);
    PyObject *found = NULL;
    if (!scratch) return PyErr_NoMemory();
    Narrow made = {.marks = (int32_t *)(void *)scratch};
    made.letters = scratch + 4 * room;
    made.text.classes = made.classes = made.letters + room;
    if (narrow(reader, field, &made) && made.text.length >= SHORTEST && find_joints(&made)) {
        if (role == BODY) found = parted(&made);
        else if (!has_lines(&made))
            found = PyBytes_FromStringAndSize((const char *)made.letters, made.text.length);
    }
    if (scratch != reader->scratch) free(scratch);
    return found;
}

/* ---- Russian -------------------------------------------------------------------------------- */

/* Read words of four letters at most, parted by spaces; 0 where they are something else. */
static int read_words(Words *words, const char *given, Py_ssize_t size) {
    Py_ssize_t length = 0;
    words->count = 0;
    for (Py_ssize_t i = 0; i <= size; i++) {
        if (i < size && given[i] != ' ') {
            if (++length > 4) return 0;
            continue;
        }
        if (!length || words->count == WORDS) return 0;
        words->words[words->count] = 0;
        memcpy(&words->words[words->count++], given + i - length, (size_t)length);
        length = 0;
    }
    return 1;
}

static int is_among(const Words *words, uint32_t word) {
    for (int i = 0; i < words->count; i++)
        if (words->words[i] == word) return 1;
    return 0;
}

/* Tell whether the beginning of an article has words and letters that only Russian has. */
static int says_russian(const Reader *reader, PyObject *title, PyObject *text) {
    uint8_t sample[SAMPLE + 1];
    Py_ssize_t count = 0, sizes[2] = {PyBytes_Size(title), PyBytes_Size(text)};
    const char *parts[2] = {PyBytes_AsString(title), PyBytes_AsString(text)};
    int telling = 0, usual = 0;
    for (int part = 0; part < 2; part++) {
        for (Py_ssize_t i = 0; i < sizes[part] && count < SAMPLE; i++)
            sample[count++] = reader->lower[(uint8_t)parts[part][i]];
        if (!part && count < SAMPLE) sample[count++] = ' ';
    }
    sample[count] = ' ';
    for (Py_ssize_t i = 0, from = 0; i <= count; i++) {
        uint32_t word = 0;
        telling |= reader->telling[sample[i]];
        if (sample[i] != ' ') continue;
        if (i - from <= 4) {
            memcpy(&word, sample + from, (size_t)(i - from));
            if (is_among(&reader->unusual, word)) return 0;
            usual |= is_among(&reader->usual, word);
        }
        from = i + 1;
    }
    return telling && usual;
}

/* ---- values --------------------------------------------------------------------------------- */

/* Let Python read any value; NULL without an exception where it is no JSON. */
static PyObject *loaded(const Reader *reader, const uint8_t *bytes, Py_ssize_t size) {
    PyObject *data = PyBytes_FromStringAndSize((const char *)bytes, size);
    if (!data) return NULL;
    PyObject *value = PyObject_CallFunctionObjArgs(reader->loads, data, NULL);
    Py_DECREF(data);
    if (!value && PyErr_ExceptionMatches(PyExc_ValueError)) PyErr_Clear();
    return value;
}

/* Make the value of a field; NULL, perhaps without an exception. */
static PyObject *value_of(Reader *reader, const Field *field, int role) {
    if (role == TITLE || role == BODY) return plain_of(reader, field, role);
    if (field->kind == STRING && is_simple(field->value, field->size))
        return text_of(field->value, field->size);
    /* With its quotes. */
    if (field->kind == STRING) return loaded(reader, field->value - 1, field->size + 2);
    if (field->kind == LITERAL && *field->value == 'n') return Py_NewRef(Py_None);
    if (field->kind == LITERAL) return PyBool_FromLong(*field->value == 't');
    if (field->kind == NUMBER)
        return PyLong_FromLongLong(strtoll((const char *)field->value, NULL, 10));
    return loaded(reader, field->value, field->size);
}

/* What a line has, by role: its title and text, what it may have in common with others. */
typedef struct {
    PyObject *plain[COMMON];
    PyObject *common; /* a list; NULL where a value is no short text */
} Roles;

static int is_short(const Field *field) {
    return (field->kind == STRING && field->size <= SHORT) ||
           (field->kind == LITERAL && *field->value == 'n');
}

/* Enter a value by its role; -1 with an exception set. */
static int enter(Roles *roles, int role, const Field *field, PyObject *value) {
    if (role == COMMON && roles->common) {
        if (!is_short(field)) Py_CLEAR(roles->common);
        else return PyList_Append(roles->common, value);
    } else if (role == TITLE || role == BODY) roles->plain[role] = value;
    return 0;
}

/* Make the fields of a line; NULL perhaps without an exception. */
static PyObject *fields_of(Reader *reader, const Line *line, PyObject *names, const uint8_t *roles,
                           Roles *found) {
    PyObject *fields = PyDict_New();
    for (int i = 0; fields && i < line->count; i++) {
        PyObject *value = value_of(reader, &line->fields[i], roles[i]);
        if (!value || PyDict_SetItem(fields, PyTuple_GetItem(names, i), value) < 0 ||
            enter(found, roles[i], &line->fields[i], value) < 0)
            Py_CLEAR(fields);
        Py_XDECREF(value);
    }
    return fields;
}

/* Make what `read` gives of a line; NULL without an exception where others have to look. */
static PyObject *article_of(Reader *reader, const Line *line) {
    Roles found = {.common = PyList_New(0)};
    PyObject *result = NULL, *common;
    uint8_t roles[FIELDS];
    if (!found.common) return NULL;
    /* What is called may read another line. */
    PyObject *plan = Py_NewRef(reader->plan), *names = Py_NewRef(reader->known);
    memcpy(roles, reader->roles, sizeof roles);
    PyObject *fields = fields_of(reader, line, names, roles, &found);
    if (fields && found.plain[TITLE] && found.plain[BODY]) {
        common = found.common ? PyList_AsTuple(found.common) : Py_NewRef(Py_None);
        if (common)
            result = Py_BuildValue("(OONi)", plan, fields, common,
                                   says_russian(reader, found.plain[TITLE], found.plain[BODY]));
    }
    Py_XDECREF(found.common);
    Py_XDECREF(fields);
    Py_DECREF(names);
    Py_DECREF(plan);
    return result;
}

/* read(line) -> (plan, fields, values in common or None, whether it says to be Russian), or None
 * where it is not as most are */
static PyObject *read_line(PyObject *self, PyObject *data) {
    Reader *reader = (Reader *)self;
    PyObject *found = NULL;
    char *bytes;
    Py_ssize_t size;
    Line line = {.count = 0};
    if (PyBytes_AsStringAndSize(data, &bytes, &size) < 0) return NULL;
    line.at = (const uint8_t *)bytes;
    line.end = line.at + size;
    if (read_shape(&line)) {
        int planned = find_plan(reader, &line);
        if (planned < 0) return NULL;
        if (planned) found = article_of(reader, &line);
    }
    return found || PyErr_Occurred() ? found : Py_NewRef(Py_None);
}

/* ---- the module ----------------------------------------------------------------------------- */

static void drop(PyObject *self) {
    Reader *reader = (Reader *)self;
    PyTypeObject *type = Py_TYPE(self);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(reader->plan_of);
    Py_XDECREF(reader->loads);
    Py_XDECREF(reader->known);
    Py_XDECREF(reader->plan);
    free(reader->letters);
    release(self);
    Py_DECREF(type);
}

static int traverse(PyObject *self, visitproc visit, void *arg) {
    Reader *reader = (Reader *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(reader->plan_of);
    Py_VISIT(reader->loads);
    Py_VISIT(reader->known);
    Py_VISIT(reader->plan);
    return 0;
}

/* Reader(letters, classes, lower, (telling, usual, unusual), plan_of, loads) */
static PyObject *make(PyTypeObject *type, PyObject *arguments, PyObject *names) {
    const char *letters, *classes, *lower, *telling, *usual, *unusual;
    Py_ssize_t span, counts[2], sizes[3];
    PyObject *plan_of, *loads;
    if (names && PyDict_Size(names)) {
        PyErr_SetString(PyExc_TypeError, "arguments go by their places");
        return NULL;
    }
    if (!PyArg_ParseTuple(arguments, "y#y#y#(y#y#y#)OO", &letters, &span, &classes, &counts[0],
                          &lower, &counts[1], &telling, &sizes[0], &usual, &sizes[1], &unusual,
                          &sizes[2], &plan_of, &loads))
        return NULL;
    Reader *reader = (Reader *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (!reader) return NULL;
    reader->plan_of = Py_NewRef(plan_of);
    reader->loads = Py_NewRef(loads);
    reader->named = -1;
    reader->span = span;
    reader->letters = malloc(((size_t)span + 1) * sizeof *reader->letters);
    if (!reader->letters || counts[0] != 256 || counts[1] != 256 ||
        !read_words(&reader->usual, usual, sizes[1]) ||
        !read_words(&reader->unusual, unusual, sizes[2])) {
        PyErr_SetString(PyExc_ValueError, "the tables are wrong");
        Py_DECREF(reader);
        return NULL;
    }
    memcpy(reader->lower, lower, sizeof reader->lower);
    for (Py_ssize_t i = 0; i < sizes[0]; i++) reader->telling[(uint8_t)telling[i]] = 1;
    for (Py_ssize_t i = 0; i < span; i++) {
        uint8_t letter = (uint8_t)letters[i], kind = (uint8_t)classes[letter];
        reader->letters[i] = letter && kind <= MARKUP ? (uint16_t)(kind << 8 | letter) : 0;
    }
    return (PyObject *)reader;
}

static PyMethodDef methods[] = {
    {"read", read_line, METH_O, "Read a line: (plan, fields, common, Russian), or None."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_new, make},
    {Py_tp_dealloc, drop},
    {Py_tp_traverse, traverse},
    {Py_tp_methods, methods},
    {Py_tp_doc, "Reads lines of JSON whose title and text are plain."},
    {0, NULL},
};

static PyType_Spec specification = {
    "searchsvc.parsing._lines.Reader", sizeof(Reader), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    slots,
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_lines", NULL, 0, NULL, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__lines(void) {
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
