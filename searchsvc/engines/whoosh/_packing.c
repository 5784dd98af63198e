/* Frequencies as nibbles, positions in frames of 128 postings: packed and unpacked in bulk.
 *
 * What merges and flushes do with every posting; searching reads single ones by itself. Sizes are
 * compared before anything is written, and every number of a file before it is followed.
 */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include "_packing.h"

#include <stdint.h>
#include <string.h>

#include "_postings.h"

#define PLAIN 9  /* nibbles 0 to 8 are tf 1 to 9 outside titles */
#define TITLED 6 /* nibbles 9 to 14 are tf 1 to 6, one of it in a title */
#define WIDEST 32

typedef struct {
    Py_buffer views[7];
    int count;
} Held;

static int hold(Held *held, PyObject *object, Py_ssize_t width, const void *data, Py_ssize_t *size) {
    Py_buffer *view = &held->views[held->count];
    if (PyObject_GetBuffer(object, view, PyBUF_ND) < 0) return -1;
    held->count++;
    if (view->itemsize != width || (uintptr_t)view->buf % (size_t)width) {
        PyErr_SetString(PyExc_ValueError, "an array has a wrong type");
        return -1;
    }
    *(const void **)data = view->buf;
    *size = view->len / width;
    return 0;
}

static void let_go(Held *held) {
    while (held->count) PyBuffer_Release(&held->views[--held->count]);
}

static PyObject *damaged(void) {
    PyErr_SetString(PyExc_ValueError, "a posting list is damaged");
    return NULL;
}

/* ---- packing -------------------------------------------------------------------------------- */

typedef struct {
    const int32_t *tf, *title;
    const uint32_t *positions;
    Py_ssize_t postings, occurrences;
} Plain;

typedef struct {
    uint8_t *freqs, *positions, *widths;
    uint32_t *rare_at, *rare_tf, *ends;
    uint16_t *rare_title;
} Made;

static int nibble_of(int32_t tf, int32_t title) {
    if (title == 0 && tf <= PLAIN) return tf - 1;
    if (title == 1 && tf <= TITLED) return tf - 1 + PLAIN;
    return RARE;
}

static int width_of(uint32_t largest) { return largest ? 32 - __builtin_clz(largest) : 1; }

/* Count what is rare and the bytes of all positions; -1 where frequencies and positions differ. */
static int measure(const Plain *plain, Py_ssize_t *rare, Py_ssize_t *bytes) {
    Py_ssize_t place = 0;
    *rare = *bytes = 0;
    for (Py_ssize_t first = 0; first < plain->postings; first += FRAME) {
        Py_ssize_t last = first + FRAME < plain->postings ? first + FRAME : plain->postings;
        Py_ssize_t begin = place;
        uint32_t all = 0;
        for (Py_ssize_t i = first; i < last; i++) {
            if (plain->tf[i] < 1 || plain->title[i] < 0) return -1;
            *rare += nibble_of(plain->tf[i], plain->title[i]) == RARE;
            place += plain->tf[i];
        }
        if (place > plain->occurrences) return -1;
        for (Py_ssize_t i = begin; i < place; i++) all |= plain->positions[i];
        *bytes += ((place - begin) * width_of(all) + 7) / 8;
    }
    return place == plain->occurrences ? 0 : -1;
}

static void pack_frequencies(const Plain *plain, uint32_t number, Made *made) {
    Py_ssize_t rare = 0;
    memset(made->freqs, 0, (size_t)(plain->postings + 1) / 2);
    for (Py_ssize_t i = 0; i < plain->postings; i++) {
        int code = nibble_of(plain->tf[i], plain->title[i]);
        made->freqs[i >> 1] |= (uint8_t)(code << ((i & 1) << 2));
        if (code != RARE) continue;
        made->rare_at[rare] = number + (uint32_t)i;
        made->rare_tf[rare] = (uint32_t)plain->tf[i];
        made->rare_title[rare++] = (uint16_t)(plain->title[i] < UINT16_MAX ? plain->title[i] : UINT16_MAX);
    }
}

/* Write values of one width; returns where the next byte comes. */
static uint8_t *pack_bits(uint8_t *out, const uint32_t *values, Py_ssize_t count, int width) {
    uint64_t word = 0;
    int filled = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        word |= (uint64_t)values[i] << filled;
        for (filled += width; filled >= 8; filled -= 8, word >>= 8) *out++ = (uint8_t)word;
    }
    if (filled) *out++ = (uint8_t)word;
    return out;
}

static void pack_frames(const Plain *plain, Made *made) {
    const uint32_t *values = plain->positions;
    uint8_t *out = made->positions;
    Py_ssize_t frame = 0;
    for (Py_ssize_t first = 0; first < plain->postings; first += FRAME, frame++) {
        Py_ssize_t last = first + FRAME < plain->postings ? first + FRAME : plain->postings, count = 0;
        uint32_t all = 0;
        for (Py_ssize_t i = first; i < last; i++) count += plain->tf[i];
        for (Py_ssize_t i = 0; i < count; i++) all |= values[i];
        out = pack_bits(out, values, count, width_of(all));
        values += count;
        made->widths[frame] = (uint8_t)width_of(all);
        made->ends[frame] = (uint32_t)(out - made->positions);
    }
}

static PyObject *packed(const Plain *plain, uint32_t number) {
    enum { FREQS, RARE_AT, RARE_TF, RARE_TITLE, POSITIONS, WIDTHS, ENDS, ARRAYS };
    Py_ssize_t rare, bytes, frames = (plain->postings + FRAME - 1) / FRAME;
    PyObject *result = PyTuple_New(ARRAYS);
    void *data[ARRAYS];
    if (!result) return NULL;
    if (measure(plain, &rare, &bytes) < 0 || bytes > UINT32_MAX) {
        Py_DECREF(result);
        return damaged();
    }
    const Py_ssize_t sizes[ARRAYS] = {
        (plain->postings + 1) / 2, rare * 4, rare * 4, rare * 2, bytes, frames, frames * 4};
    for (int i = 0; i < ARRAYS; i++) {
        PyObject *part = PyBytes_FromStringAndSize(NULL, sizes[i]);
        if (!part) {
            Py_DECREF(result);
            return NULL;
        }
        data[i] = PyBytes_AsString(part);
        PyTuple_SetItem(result, i, part);
    }
    Made made = {data[FREQS],   data[POSITIONS], data[WIDTHS],    data[RARE_AT],
                 data[RARE_TF], data[ENDS],      data[RARE_TITLE]};
    Py_BEGIN_ALLOW_THREADS
    pack_frequencies(plain, number, &made);
    pack_frames(plain, &made);
    Py_END_ALLOW_THREADS
    return result;
}

PyObject *pack_postings(PyObject *module, PyObject *args) {
    PyObject *tf, *title, *positions, *result = NULL;
    unsigned long long number;
    Py_ssize_t titles;
    Plain plain;
    Held held = {.count = 0};
    (void)module;
    if (!PyArg_ParseTuple(args, "OOOK", &tf, &title, &positions, &number)) return NULL;
    if (!hold(&held, tf, 4, &plain.tf, &plain.postings) &&
        !hold(&held, title, 4, &plain.title, &titles) &&
        !hold(&held, positions, 4, &plain.positions, &plain.occurrences)) {
        if (titles != plain.postings || number + (uint64_t)titles > UINT32_MAX) damaged();
        else result = packed(&plain, (uint32_t)number);
    }
    let_go(&held);
    return result;
}

/* ---- unpacking ------------------------------------------------------------------------------ */

typedef struct {
    Field field;
    Py_ssize_t frames, freqs;
} Source;

static const uint8_t TFS[RARE] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6};

/* Find the first rare posting that is not before one. */
static Py_ssize_t first_rare(const Field *field, uint32_t posting) {
    Py_ssize_t low = 0, high = field->rares;
    while (low < high) {
        Py_ssize_t middle = low + (high - low) / 2;
        if (field->rare_at[middle] < posting) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* Read frequencies of a range; their sum, or -1. */
static int64_t unpack_frequencies(
    const Source *source, uint32_t first, uint32_t last, int32_t *tf, int32_t *title) {
    const Field *field = &source->field;
    Py_ssize_t rare = first_rare(field, first);
    int64_t sum = 0;
    for (uint32_t posting = first; posting < last; posting++) {
        int code = nibble(field, posting);
        uint32_t count = code == RARE ? 0 : TFS[code];
        int32_t titles = code >= PLAIN;
        if (code == RARE) {
            if (rare >= field->rares || field->rare_at[rare] != posting) return -1;
            count = field->rare_tf[rare];
            titles = field->rare_title[rare++];
            if (count < 1 || count > INT32_MAX) return -1;
        }
        if (tf) tf[posting - first] = (int32_t)count;
        if (title) title[posting - first] = titles;
        sum += count;
    }
    return sum;
}

/* Read the positions of a frame from the ``skipped``-th on; -1 where they lie outside. */
static int unpack_frame(
    const Source *source, Py_ssize_t frame, int64_t count, int64_t skipped, int64_t wanted,
    uint32_t *out) {
    const Field *field = &source->field;
    uint64_t start = field->frames[frame], end = field->frames[frame + 1];
    uint64_t width = field->widths[frame];
    if (width < 1 || width > WIDEST || end < start || end + MARGIN > (uint64_t)field->positions_size)
        return -1;
    if (((uint64_t)count * width + 7) / 8 != end - start) return -1;
    uint64_t mask = ((uint64_t)1 << width) - 1, bit = start * 8 + (uint64_t)skipped * width;
    for (int64_t i = 0; i < wanted; i++, bit += width) {
        uint64_t word;
        memcpy(&word, field->positions + (bit >> 3), sizeof word);
        out[i] = (uint32_t)(word >> (bit & 7) & mask);
    }
    return 0;
}

static int unpack_positions(
    const Source *source, uint32_t first, uint32_t last, uint32_t *out, int64_t room) {
    for (uint32_t from = first; from < last;) {
        Py_ssize_t frame = from / FRAME;
        uint32_t begin = (uint32_t)frame * FRAME, end = begin + FRAME, to;
        if (end > source->field.postings) end = (uint32_t)source->field.postings;
        to = end < last ? end : last;
        int64_t before = unpack_frequencies(source, begin, from, NULL, NULL);
        int64_t wanted = unpack_frequencies(source, from, to, NULL, NULL);
        int64_t after = unpack_frequencies(source, to, end, NULL, NULL);
        if (before < 0 || wanted < 0 || after < 0 || wanted > room) return -1;
        if (unpack_frame(source, frame, before + wanted + after, before, wanted, out) < 0) return -1;
        out += wanted;
        room -= wanted;
        from = to;
    }
    return room ? -1 : 0;
}

static PyObject *unpacked(const Source *source, uint32_t first, uint32_t last) {
    Py_ssize_t count = last - first;
    int64_t sum = unpack_frequencies(source, first, last, NULL, NULL);
    /* A position has at least one bit, so a lie cannot ask for more memory than eight times theirs. */
    if (sum < 0 || sum > (int64_t)source->field.positions_size * 8) return damaged();
    PyObject *tf = PyBytes_FromStringAndSize(NULL, count * 4);
    PyObject *title = PyBytes_FromStringAndSize(NULL, count * 4);
    PyObject *positions = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)sum * 4);
    int wrong = 0;
    if (tf && title && positions) {
        int32_t *tfs = (int32_t *)PyBytes_AsString(tf), *titles = (int32_t *)PyBytes_AsString(title);
        uint32_t *out = (uint32_t *)PyBytes_AsString(positions);
        Py_BEGIN_ALLOW_THREADS
        unpack_frequencies(source, first, last, tfs, titles);
        wrong = unpack_positions(source, first, last, out, sum);
        Py_END_ALLOW_THREADS
        if (!wrong) return Py_BuildValue("NNN", tf, title, positions);
        damaged();
    }
    Py_XDECREF(tf);
    Py_XDECREF(title);
    Py_XDECREF(positions);
    return NULL;
}

static int fits(Source *source, const Py_ssize_t *rares, Py_ssize_t offsets, Py_ssize_t first, Py_ssize_t last) {
    Field *field = &source->field;
    field->rares = rares[0];
    return rares[1] == rares[0] && rares[2] == rares[0] && offsets == source->frames + 1 &&
           0 <= first && first <= last && last <= UINT32_MAX && last <= source->freqs * 2 &&
           last <= source->frames * FRAME;
}

PyObject *unpack_postings(PyObject *module, PyObject *args) {
    PyObject *parts[7], *result = NULL;
    Py_ssize_t first, last, total, rares[3], offsets, size;
    Source source;
    Field *field = &source.field;
    Held held = {.count = 0};
    (void)module;
    if (!PyArg_ParseTuple(
            args, "(OOOOOOO)nnn", &parts[0], &parts[1], &parts[2], &parts[3], &parts[4], &parts[5],
            &parts[6], &first, &last, &total))
        return NULL;
    memset(&source, 0, sizeof source);
    if (!hold(&held, parts[0], 1, &field->freqs, &source.freqs) &&
        !hold(&held, parts[1], 4, &field->rare_at, &rares[0]) &&
        !hold(&held, parts[2], 4, &field->rare_tf, &rares[1]) &&
        !hold(&held, parts[3], 2, &field->rare_title, &rares[2]) &&
        !hold(&held, parts[4], 4, &field->frames, &offsets) &&
        !hold(&held, parts[5], 1, &field->widths, &source.frames) &&
        !hold(&held, parts[6], 1, &field->positions, &size)) {
        field->postings = total;
        field->positions_size = size;
        if (!fits(&source, rares, offsets, first, last) || total < last ||
            total > source.freqs * 2 || total > source.frames * FRAME)
            damaged();
        else result = unpacked(&source, (uint32_t)first, (uint32_t)last);
    }
    let_go(&held);
    return result;
}
