/* Strings by number: each new one has the next. See numbering.py, which does the same without it.
 *
 * Strings come and go as lines, UTF-8 joined by line feeds, half a million in a build: as Python's
 * objects each takes 0.7 us to be made and as much again in every dict. They stand here end to end;
 * slots by hash lead to their numbers. What a lexicon stores of them is made here too: keys of a
 * byte a letter (letters.py), sorted, without what each shares with the one before it.
 */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LEAST 1024 /* slots of an empty one */
#define TOGETHER 32 /* lines that are looked for at once */

typedef struct {
    uint32_t hash;
    int32_t after; /* the number and one; 0: free */
} Slot;

typedef struct {
    PyObject_HEAD
    uint8_t *bytes; /* a line feed behind each string */
    size_t filled, room;
    uint64_t *begins; /* of each string, and where the next one will */
    size_t count, places;
    Slot *slots;
    size_t capacity;
    uint64_t secret;
} Numbered;

/* ---- looking up --------------------------------------------------------------------------- */

/* Hash a string, eight bytes at a time. The last of eight change the upper half of a product alone:
 * strings that differ there share their slots, whatever the secret is, if nothing comes after it. */
static uint32_t hashed(const Numbered *self, const uint8_t *string, size_t length) {
    uint64_t hash = self->secret ^ length, word;
    for (; length; string += 8) {
        size_t size = length < 8 ? length : 8;
        word = 0;
        memcpy(&word, string, size);
        length -= size;
        hash = (hash ^ word) * (self->secret | 1);
        hash ^= hash >> 32;
    }
    return (uint32_t)(hash * (self->secret | 1) >> 32);
}

static int is_at(const Numbered *self, size_t number, const uint8_t *string, size_t length) {
    uint64_t begin = self->begins[number];
    return self->begins[number + 1] - begin == length + 1 &&
           !memcmp(self->bytes + begin, string, length);
}

static Slot *free_slot(Slot *slots, size_t capacity, uint32_t hash) {
    size_t slot = hash & (capacity - 1);
    while (slots[slot].after) slot = (slot + 1) & (capacity - 1);
    return &slots[slot];
}

/* Make an array twice as large as it has to be; -1 with an exception set. */
static int grow(void **items, size_t *room, size_t wanted, size_t size) {
    if (wanted <= *room) return 0;
    void *grown = wanted > SIZE_MAX / 2 / size ? NULL : realloc(*items, 2 * wanted * size);
    if (!grown) {
        PyErr_NoMemory();
        return -1;
    }
    *items = grown;
    *room = 2 * wanted;
    return 0;
}

static int make_slots(Numbered *self, size_t capacity) {
    Slot *slots = calloc(capacity, sizeof *slots);
    if (!slots) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t i = 0; i < self->capacity; i++)
        if (self->slots[i].after) *free_slot(slots, capacity, self->slots[i].hash) = self->slots[i];
    free(self->slots);
    self->slots = slots;
    self->capacity = capacity;
    return 0;
}

/* Put a string behind the others; gives its number, -1 with an exception set. */
static int32_t append(Numbered *self, uint32_t hash, const uint8_t *string, size_t length) {
    if (self->count >= INT32_MAX - 1) {
        PyErr_SetString(PyExc_OverflowError, "too many strings");
        return -1;
    }
    if (2 * (self->count + 1) > self->capacity && make_slots(self, 2 * self->capacity) < 0)
        return -1;
    if (grow((void **)&self->bytes, &self->room, self->filled + length + 1, 1) < 0 ||
        grow((void **)&self->begins, &self->places, self->count + 2, sizeof *self->begins) < 0)
        return -1;
    memcpy(self->bytes + self->filled, string, length);
    self->bytes[self->filled + length] = '\n';
    self->filled += length + 1;
    self->begins[++self->count] = self->filled;
    *free_slot(self->slots, self->capacity, hash) = (Slot){hash, (int32_t)self->count};
    return (int32_t)self->count - 1;
}

static int32_t number_of(Numbered *self, uint32_t hash, const uint8_t *string, size_t length) {
    size_t slot = hash & (self->capacity - 1);
    for (; self->slots[slot].after; slot = (slot + 1) & (self->capacity - 1)) {
        int32_t number = self->slots[slot].after - 1;
        if (self->slots[slot].hash == hash && is_at(self, (size_t)number, string, length))
            return number;
    }
    return append(self, hash, string, length);
}

static size_t lines_in(const uint8_t *bytes, size_t length) {
    size_t count = length > 0;
    const uint8_t *end = bytes + length;
    while ((bytes = memchr(bytes, '\n', (size_t)(end - bytes)))) {
        bytes++;
        count++;
    }
    return count;
}

typedef struct {
    const uint8_t *string;
    size_t length;
    uint32_t hash;
} Line;

/* Number some lines that begin there; gives where the next ones begin, NULL with an exception
 * set. Memory is asked for all of them before any is looked for, which takes longer. */
static const uint8_t *number_some(Numbered *self, const uint8_t *at, const uint8_t *end,
                                  size_t count, int32_t *numbers) {
    Line lines[TOGETHER];
    for (size_t i = 0; i < count; i++) {
        const uint8_t *stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop) stop = end;
        size_t length = (size_t)(stop - at);
        lines[i] = (Line){at, length, hashed(self, at, length)};
        __builtin_prefetch(&self->slots[lines[i].hash & (self->capacity - 1)]);
        at = stop + 1;
    }
    for (size_t i = 0; i < count; i++) {
        numbers[i] = number_of(self, lines[i].hash, lines[i].string, lines[i].length);
        if (numbers[i] < 0) return NULL;
    }
    return at;
}

/* number(lines) -> int32 of each */
static PyObject *number(PyObject *own, PyObject *lines) {
    Py_buffer view;
    if (PyObject_GetBuffer(lines, &view, PyBUF_SIMPLE) < 0) return NULL;
    const uint8_t *at = view.buf, *end = at + view.len;
    size_t count = view.len ? lines_in(at, (size_t)view.len) : 0;
    PyObject *result = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(4 * count));
    int32_t *numbers = result ? (int32_t *)PyBytes_AsString(result) : NULL;
    for (size_t i = 0, some; result && i < count; i += some) {
        some = count - i < TOGETHER ? count - i : TOGETHER;
        at = number_some((Numbered *)own, at, end, some, numbers + i);
        if (!at) Py_CLEAR(result);
    }
    PyBuffer_Release(&view);
    return result;
}

/* ---- giving back -------------------------------------------------------------------------- */

static PyObject *wrong(void) {
    PyErr_SetString(PyExc_ValueError, "there is no such number");
    return NULL;
}

/* lines(first, last) -> those of a range of numbers */
static PyObject *lines(PyObject *own, PyObject *arguments) {
    const Numbered *self = (Numbered *)own;
    Py_ssize_t first, last;
    if (!PyArg_ParseTuple(arguments, "nn", &first, &last)) return NULL;
    if (first < 0 || last < first || (size_t)last > self->count) return wrong();
    if (first == last) return PyBytes_FromStringAndSize(NULL, 0);
    uint64_t begin = self->begins[first];
    return PyBytes_FromStringAndSize((const char *)self->bytes + begin,
                                     (Py_ssize_t)(self->begins[last] - begin - 1));
}

typedef struct {
    Py_buffer view;
    const int32_t *numbers;
    size_t count, size; /* bytes of all strings, a line feed behind each */
} Chosen;

/* Hold numbers (int32), all of them there; -1 with an exception set. */
static int choose(const Numbered *self, PyObject *numbers, Chosen *chosen) {
    if (PyObject_GetBuffer(numbers, &chosen->view, PyBUF_SIMPLE) < 0) return -1;
    chosen->numbers = chosen->view.buf;
    chosen->count = (size_t)chosen->view.len / 4;
    chosen->size = 0;
    for (size_t i = 0; i < chosen->count; i++) {
        int32_t own = chosen->numbers[i];
        if (own < 0 || (size_t)own >= self->count) {
            PyBuffer_Release(&chosen->view);
            wrong();
            return -1;
        }
        chosen->size += self->begins[own + 1] - self->begins[own];
    }
    return 0;
}

/* chosen(numbers) -> their lines */
static PyObject *chosen(PyObject *own, PyObject *numbers) {
    const Numbered *self = (Numbered *)own;
    Chosen these;
    if (choose(self, numbers, &these) < 0) return NULL;
    size_t size = these.size ? these.size - 1 : 0, filled = 0;
    PyObject *result = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);
    char *into = result ? PyBytes_AsString(result) : NULL;
    for (size_t i = 0; result && i < these.count; i++) {
        uint64_t begin = self->begins[these.numbers[i]];
        size_t length = (size_t)(self->begins[these.numbers[i] + 1] - begin);
        memcpy(into + filled, self->bytes + begin, i + 1 < these.count ? length : length - 1);
        filled += length;
    }
    PyBuffer_Release(&these.view);
    return result;
}

/* ---- keys --------------------------------------------------------------------------------- */

#define BITS 12 /* of a key's beginning, by which keys are dealt out: a letter and a half */

enum { LESS = 0x80, FIRST = 0x81, MORE = 0xFF }; /* see letters.py */

typedef struct {
    uint64_t head; /* the first eight bytes, compared as a number */
    const uint8_t *key;
    uint32_t length;
    int32_t place; /* among those that were chosen */
} Item;

typedef struct {
    size_t count;
    uint8_t *keys;
    Item *items, *dealt;
    int32_t *ranks, *sizes, *shared;
    uint8_t *terms; /* of which so many bytes are filled */
    size_t filled;
} Sorted;

/* Encode a string: at most two bytes for each of its own. */
static uint8_t *encode(const uint8_t *at, const uint8_t *end, uint8_t *into) {
    while (at < end) {
        uint8_t lead = *at;
        if (lead < 0x80) {
            *into++ = lead;
            at++;
            continue;
        }
        uint32_t letter = end - at > 1 ? (uint32_t)(lead & 0x1F) << 6 | (at[1] & 0x3F) : 0;
        if ((lead == 0xD0 || lead == 0xD1) && letter >= 0x400 && letter < 0x470) {
            *into++ = (uint8_t)(letter - 0x400 + FIRST);
            at += 2;
            continue;
        }
        *into++ = lead < 0xD0 ? LESS : MORE;
        do *into++ = *at++;
        while (at < end && (*at & 0xC0) == 0x80);
    }
    return into;
}

static uint64_t head_of(const uint8_t *key, size_t length) {
    uint64_t head = 0;
    for (size_t i = 0; i < 8; i++) head = head << 8 | (i < length ? key[i] : 0);
    return head;
}

static int compare(const void *one, const void *other) {
    const Item *a = one, *b = other;
    if (a->head != b->head) return a->head < b->head ? -1 : 1;
    size_t least = a->length < b->length ? a->length : b->length;
    int order = memcmp(a->key, b->key, least);
    if (order) return order;
    return a->length < b->length ? -1 : a->length > b->length;
}

/* Write the items' keys one after another, without what each shares with the one before it. */
static void take_apart(Sorted *sorted, size_t group, size_t most) {
    sorted->filled = 0;
    for (size_t i = 0; i < sorted->count; i++) {
        const Item *item = &sorted->items[i], *former = item - 1;
        size_t same = 0, least = i % group ? most : 0;
        if (least > item->length) least = item->length;
        if (least && least > former->length) least = former->length;
        while (same < least && item->key[same] == former->key[same]) same++;
        sorted->ranks[item->place] = (int32_t)i;
        sorted->shared[i] = (int32_t)same;
        sorted->sizes[i] = (int32_t)(item->length - same);
        memcpy(sorted->terms + sorted->filled, item->key + same, item->length - same);
        sorted->filled += item->length - same;
    }
}

static size_t room_of(const Item *item) { return item->head >> (64 - BITS); }

/* Deal items out by their first letters, then sort those that begin alike: 244,000 forms take
 * half of the time that they take together. */
static void sort(Sorted *sorted) {
    Item *items = sorted->items, *dealt = sorted->dealt;
    size_t place = 1, ends[1 << BITS] = {0}, all = 0;
    while (place < sorted->count && compare(&items[place - 1], &items[place]) <= 0) place++;
    if (place >= sorted->count) return;
    for (size_t i = 0; i < sorted->count; i++) ends[room_of(&items[i])]++;
    for (size_t room = 0; room < 1 << BITS; room++) {
        all += ends[room];
        ends[room] = all - ends[room];
    }
    for (size_t i = 0; i < sorted->count; i++) dealt[ends[room_of(&items[i])]++] = items[i];
    for (size_t room = 0, first = 0; room < 1 << BITS; first = ends[room++])
        if (ends[room] - first > 1)
            qsort(dealt + first, ends[room] - first, sizeof *dealt, compare);
    sorted->items = dealt;
    sorted->dealt = items;
}

static void encode_all(const Numbered *self, const Chosen *these, Sorted *sorted) {
    uint8_t *at = sorted->keys;
    for (size_t i = 0; i < these->count; i++) {
        const uint8_t *begin = self->bytes + self->begins[these->numbers[i]];
        const uint8_t *end = self->bytes + self->begins[these->numbers[i] + 1] - 1;
        uint8_t *stop = encode(begin, end, at);
        sorted->items[i] = (Item){head_of(at, (size_t)(stop - at)), at, (uint32_t)(stop - at),
                                  (int32_t)i};
        at = stop;
    }
}

static PyObject *result_of(const Sorted *sorted) {
    Py_ssize_t size = (Py_ssize_t)(4 * sorted->count);
    return Py_BuildValue("y#y#y#y#", (char *)sorted->ranks, size, (char *)sorted->terms,
                         (Py_ssize_t)sorted->filled, (char *)sorted->sizes, size,
                         (char *)sorted->shared, size);
}

/* sorted(numbers, group, most) -> where each comes, and of the keys in that order the bytes that
 * are not shared, how many these are, and how many of `most` it shares within its group */
static PyObject *sorted(PyObject *own, PyObject *arguments) {
    const Numbered *self = (Numbered *)own;
    PyObject *numbers, *result = NULL;
    Py_ssize_t group, most;
    Chosen these;
    if (!PyArg_ParseTuple(arguments, "Onn", &numbers, &group, &most)) return NULL;
    if (group < 1 || most < 0) return wrong();
    if (choose(self, numbers, &these) < 0) return NULL;
    size_t bytes = 2 * these.size + 1, count = these.count + 1;
    Sorted all = {these.count, malloc(bytes), malloc(count * sizeof(Item)),
                  malloc(count * sizeof(Item)), malloc(4 * count), malloc(4 * count),
                  malloc(4 * count), malloc(bytes), 0};
    if (these.size > UINT32_MAX / 2)
        PyErr_SetString(PyExc_ValueError, "a lexicon has less than 4 GiB");
    else if (!all.keys || !all.items || !all.dealt || !all.ranks || !all.sizes || !all.shared ||
             !all.terms)
        PyErr_NoMemory();
    else {
        encode_all(self, &these, &all);
        Py_BEGIN_ALLOW_THREADS
        sort(&all);
        take_apart(&all, (size_t)group, (size_t)most);
        Py_END_ALLOW_THREADS
        result = result_of(&all);
    }
    void *held[] = {all.keys, all.items, all.dealt, all.ranks, all.sizes, all.shared, all.terms};
    for (size_t i = 0; i < sizeof held / sizeof *held; i++) free(held[i]);
    PyBuffer_Release(&these.view);
    return result;
}

/* ---- the module --------------------------------------------------------------------------- */

static Py_ssize_t length(PyObject *own) { return (Py_ssize_t)((Numbered *)own)->count; }

static void drop(PyObject *own) {
    Numbered *self = (Numbered *)own;
    PyTypeObject *type = Py_TYPE(own);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    free(self->bytes);
    free(self->begins);
    free(self->slots);
    release(own);
    Py_DECREF(type);
}

/* Numbered(secret): what hashes are made of, so that nobody can make strings of one hash */
static PyObject *make(PyTypeObject *type, PyObject *arguments, PyObject *names) {
    unsigned long long secret;
    (void)names;
    if (!PyArg_ParseTuple(arguments, "K", &secret)) return NULL;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Numbered *self = (Numbered *)allocate(type, 0);
    if (!self) return NULL;
    self->secret = secret;
    if (make_slots(self, LEAST) < 0 ||
        grow((void **)&self->begins, &self->places, 1, sizeof *self->begins) < 0) {
        Py_DECREF((PyObject *)self);
        return NULL;
    }
    self->begins[0] = 0;
    return (PyObject *)self;
}

static PyMethodDef methods[] = {
    {"number", number, METH_O, "Give the numbers of lines; new ones have the next."},
    {"lines", lines, METH_VARARGS, "Give the lines of a range of numbers."},
    {"chosen", chosen, METH_O, "Give the lines of some numbers."},
    {"sorted", sorted, METH_VARARGS, "Sort some strings as the keys of a lexicon."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_new, make},
    {Py_tp_dealloc, drop},
    {Py_tp_methods, methods},
    {Py_sq_length, length},
    {Py_tp_doc, "Strings by number."},
    {0, NULL},
};

static PyType_Spec specification = {
    "searchsvc.engines.whoosh._numbering.Numbered", sizeof(Numbered), 0, Py_TPFLAGS_DEFAULT, slots,
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_numbering", NULL, 0, NULL, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__numbering(void) {
    PyObject *module = PyModule_Create(&definition);
    if (!module) return NULL;
    PyObject *type = PyType_FromSpec(&specification);
    if (!type || PyModule_AddObjectRef(module, "Numbered", type) < 0) {
        Py_XDECREF(type);
        Py_DECREF(module);
        return NULL;
    }
    Py_DECREF(type);
    return module;
}
