/* A sorted list of strings, front-coded in groups of 16; see lexicon.py for the arrays.
 *
 * Nothing is unpacked: a key is compared with each string of one group from where they may differ.
 * Every offset is checked before it is followed; lists out of order give a wrong place only.
 */

#define Py_LIMITED_API 0x030b0000
#define PY_SSIZE_T_CLEAN
#include "_lexicon.h"

#include <stdlib.h>
#include <string.h>

static int fits(Lexicon *lexicon, const Py_buffer *views) {
    Py_ssize_t shared = views[2].itemsize, size = views[3].itemsize;
    if (views[0].itemsize != 1 || views[1].itemsize != 4) return 0;
    for (int i = 0; i < PARTS; i++)
        if ((uintptr_t)views[i].buf % (size_t)views[i].itemsize) return 0;
    if ((shared != 1 && shared != 2 && shared != 4) || (size != 1 && size != 2 && size != 4)) return 0;
    lexicon->terms = views[0].buf;
    lexicon->offsets = views[1].buf;
    lexicon->shared = views[2].buf;
    lexicon->sizes = views[3].buf;
    lexicon->bytes = views[0].len;
    lexicon->count = views[3].len / size;
    lexicon->groups = (lexicon->count + GROUP - 1) / GROUP;
    lexicon->shared_width = (int)shared;
    lexicon->size_width = (int)size;
    return views[2].len / shared == lexicon->count && views[1].len / 4 == lexicon->groups + 1;
}

/* Compare a group's first string with a key, as memcmp does. -2: it lies outside. */
static int compare_head(const Lexicon *lexicon, Py_ssize_t group, const char *key, size_t length) {
    size_t start = lexicon->offsets[group];
    size_t size = number_at(lexicon->sizes, lexicon->size_width, group * GROUP);
    if (start + size > (size_t)lexicon->bytes) return -2;
    int order = memcmp(lexicon->terms + start, key, size < length ? size : length);
    if (order) return order < 0 ? -1 : 1;
    return size < length ? -1 : size > length;
}

/* Find the first string of a group that is not before the key; -1: the group is damaged. */
static Py_ssize_t place_in(
    const Lexicon *lexicon, Py_ssize_t group, const char *key, size_t length, int *there) {
    Py_ssize_t first = group * GROUP, last = first + GROUP;
    size_t place = lexicon->offsets[group], end = lexicon->offsets[group + 1], common = 0;
    if (last > lexicon->count) last = lexicon->count;
    if (end > (size_t)lexicon->bytes) return -1;
    for (Py_ssize_t number = first; number < last; number++) {
        size_t same = number_at(lexicon->shared, lexicon->shared_width, number);
        size_t size = number_at(lexicon->sizes, lexicon->size_width, number), more = 0;
        if (place + size > end) return -1;
        const uint8_t *rest = lexicon->terms + place;
        place += size;
        if (same > common) continue; /* as the one before it, it differs from the key earlier */
        while (more < size && same + more < length && rest[more] == (uint8_t)key[same + more]) more++;
        common = same + more;
        if (common == length) {
            *there = more == size;
            return number;
        }
        if (more < size && rest[more] > (uint8_t)key[common]) return number;
    }
    return last;
}

static PyObject *found(const Lexicon *lexicon, const char *key, size_t length) {
    Py_ssize_t low = 0, high = lexicon->groups, number = 0;
    int there = 0, order;
    /* Of equal strings the first counts, so a group that begins with the key is not entered. */
    while (low < high) {
        Py_ssize_t middle = low + (high - low) / 2;
        order = compare_head(lexicon, middle, key, length);
        if (order == -2) goto damaged;
        if (order < 0) low = middle + 1;
        else high = middle;
    }
    if (low) {
        number = place_in(lexicon, low - 1, key, length, &there);
        if (number < 0) goto damaged;
    }
    if (!there && number % GROUP == 0 && number < lexicon->count) {
        order = compare_head(lexicon, number / GROUP, key, length);
        if (order == -2) goto damaged;
        there = order == 0;
    }
    return Py_BuildValue("nN", number, PyBool_FromLong(there));
damaged:
    PyErr_SetString(PyExc_ValueError, "a lexicon is damaged");
    return NULL;
}

/* The key that was read last; the next one begins with its first bytes. */
typedef struct {
    char *bytes;
    size_t length, room;
} Key;

/* Go on to the next key; -1 where it does not fit, with an exception set if memory is short. */
static int read_key(Key *key, size_t same, const uint8_t *rest, size_t size) {
    if (same > key->length) return -1;
    if (same + size > key->room) {
        size_t room = 2 * (same + size) + 64;
        char *bytes = realloc(key->bytes, room);
        if (!bytes) {
            PyErr_NoMemory();
            return -1;
        }
        key->bytes = bytes;
        key->room = room;
    }
    if (size) memcpy(key->bytes + same, rest, size);
    key->length = same + size;
    return 0;
}

static int append_key(const Key *key, PyObject *list) {
    PyObject *bytes = PyBytes_FromStringAndSize(key->bytes, (Py_ssize_t)key->length);
    int failed = !bytes || PyList_Append(list, bytes) < 0;
    Py_XDECREF(bytes);
    return failed ? -1 : 0;
}

/* Append the keys of a group to a list from a number on, up to before another. */
static int append_keys(
    const Lexicon *lexicon, Py_ssize_t group, Py_ssize_t low, Py_ssize_t high, PyObject *list) {
    Py_ssize_t number = group * GROUP, last = number + GROUP < high ? number + GROUP : high;
    size_t place = lexicon->offsets[group], end = lexicon->offsets[group + 1];
    Key key = {0};
    int wrong = end > (size_t)lexicon->bytes;
    for (; number < last && !wrong; number++) {
        size_t same = number_at(lexicon->shared, lexicon->shared_width, number);
        size_t size = number_at(lexicon->sizes, lexicon->size_width, number);
        wrong = place + size > end || read_key(&key, same, lexicon->terms + place, size) < 0 ||
                (number >= low && append_key(&key, list) < 0);
        place += size;
    }
    free(key.bytes);
    return wrong ? -1 : 0;
}

static PyObject *listed(const Lexicon *lexicon, Py_ssize_t low, Py_ssize_t high) {
    PyObject *list = PyList_New(0);
    if (!list) return NULL;
    if (0 <= low && low <= high && high <= lexicon->count) {
        Py_ssize_t group = low / GROUP;
        while (group * GROUP < high && !append_keys(lexicon, group, low, high, list)) group++;
        if (group * GROUP >= high) return list;
    }
    Py_DECREF(list);
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "a lexicon is damaged");
    return NULL;
}

int hold_lexicon(HeldLexicon *held, PyObject *const *parts, Lexicon *lexicon) {
    for (held->count = 0; held->count < PARTS; held->count++)
        if (PyObject_GetBuffer(parts[held->count], &held->views[held->count], PyBUF_ND) < 0) return -1;
    if (fits(lexicon, held->views)) return 0;
    PyErr_SetString(PyExc_ValueError, "the arrays of a lexicon do not fit together");
    return -1;
}

void let_go_of_lexicon(HeldLexicon *held) {
    while (held->count) PyBuffer_Release(&held->views[--held->count]);
}

PyObject *find_key(PyObject *module, PyObject *args) {
    PyObject *parts[PARTS], *answer = NULL;
    Lexicon lexicon;
    HeldLexicon held;
    const char *key;
    Py_ssize_t length;
    (void)module;
    if (!PyArg_ParseTuple(args, "(OOOO)y#", &parts[0], &parts[1], &parts[2], &parts[3], &key, &length))
        return NULL;
    if (!hold_lexicon(&held, parts, &lexicon)) answer = found(&lexicon, key, (size_t)length);
    let_go_of_lexicon(&held);
    return answer;
}

PyObject *list_keys(PyObject *module, PyObject *args) {
    PyObject *parts[PARTS], *answer = NULL;
    Lexicon lexicon;
    HeldLexicon held;
    Py_ssize_t low, high;
    (void)module;
    if (!PyArg_ParseTuple(args, "(OOOO)nn", &parts[0], &parts[1], &parts[2], &parts[3], &low, &high))
        return NULL;
    if (!hold_lexicon(&held, parts, &lexicon)) answer = listed(&lexicon, low, high);
    let_go_of_lexicon(&held);
    return answer;
}

/* Ask memory for what some numbers need, of all of them at once. */
static void prefetch(const Lexicon *lexicon, PyObject *numbers) {
    Py_ssize_t count = PyList_Size(numbers);
    for (int terms = 0; terms < 2; terms++)
        for (Py_ssize_t i = 0; i < count; i++) {
            Py_ssize_t number = PyLong_AsSsize_t(PyList_GetItem(numbers, i));
            if (number < 0 || number >= lexicon->count) continue;
            Py_ssize_t group = number / GROUP, first = group * GROUP;
            if (terms) {
                if (lexicon->offsets[group] >= (size_t)lexicon->bytes) continue;
                __builtin_prefetch(lexicon->terms + lexicon->offsets[group]);
            } else {
                __builtin_prefetch(&lexicon->offsets[group]);
                __builtin_prefetch((const char *)lexicon->shared + first * lexicon->shared_width);
                __builtin_prefetch((const char *)lexicon->sizes + first * lexicon->size_width);
            }
        }
    PyErr_Clear(); /* what is no number is refused when its key is listed */
}

/* List the keys of some numbers. */
static PyObject *chosen(const Lexicon *lexicon, PyObject *numbers) {
    Py_ssize_t count = PyList_Size(numbers);
    PyObject *list = PyList_New(0);
    if (list) prefetch(lexicon, numbers);
    for (Py_ssize_t i = 0; list && i < count; i++) {
        Py_ssize_t number = PyLong_AsSsize_t(PyList_GetItem(numbers, i));
        if (!PyErr_Occurred() && 0 <= number && number < lexicon->count &&
            !append_keys(lexicon, number / GROUP, number, number + 1, list))
            continue;
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "a lexicon is damaged");
        Py_CLEAR(list);
    }
    return list;
}

PyObject *list_some_keys(PyObject *module, PyObject *args) {
    PyObject *parts[PARTS], *numbers, *answer = NULL;
    Lexicon lexicon;
    HeldLexicon held;
    (void)module;
    if (!PyArg_ParseTuple(args, "(OOOO)O!", &parts[0], &parts[1], &parts[2], &parts[3],
                          &PyList_Type, &numbers))
        return NULL;
    if (!hold_lexicon(&held, parts, &lexicon)) answer = chosen(&lexicon, numbers);
    let_go_of_lexicon(&held);
    return answer;
}
