/* Frequencies as nibbles, positions in frames of 32 postings: packed and unpacked in bulk.
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

int hold_array(
    HeldArrays *held, PyObject *object, Py_ssize_t width, const void *data, Py_ssize_t *size) {
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

void let_go_of_arrays(HeldArrays *held) {
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

/* Give the bits that the positions and gaps of some postings need, and how many they are. */
static uint32_t all_gaps(
    const int32_t *tf, Py_ssize_t postings, const uint32_t *values, Py_ssize_t *count) {
    const uint32_t *begin = values;
    uint32_t all = 0;
    for (Py_ssize_t i = 0; i < postings; i++) {
        uint32_t last = 0;
        for (int32_t j = 0; j < tf[i]; j++, values++) {
            all |= *values - last;
            last = *values;
        }
    }
    *count = values - begin;
    return all;
}

/* Count what is rare and the bytes of all positions; -1 where frequencies and positions differ. */
static int measure(const Plain *plain, Py_ssize_t *rare, Py_ssize_t *bytes) {
    Py_ssize_t place = 0;
    *rare = *bytes = 0;
    for (Py_ssize_t first = 0; first < plain->postings; first += FRAME) {
        Py_ssize_t some = plain->postings - first < FRAME ? plain->postings - first : FRAME;
        Py_ssize_t count = 0;
        for (Py_ssize_t i = first; i < first + some; i++) {
            if (plain->tf[i] < 1 || plain->title[i] < 0) return -1;
            *rare += nibble_of(plain->tf[i], plain->title[i]) == RARE;
            count += plain->tf[i];
        }
        if (count > plain->occurrences - place) return -1;
        int width = width_of(all_gaps(plain->tf + first, some, plain->positions + place, &count));
        *bytes += (count * width + 7) / 8;
        place += count;
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

/* Write one frame's positions: of each posting the first, then the gaps. */
static uint8_t *pack_frame(
    uint8_t *out, const int32_t *tf, Py_ssize_t postings, const uint32_t *values, int width) {
    uint64_t word = 0;
    int filled = 0;
    for (Py_ssize_t i = 0; i < postings; i++) {
        uint32_t last = 0;
        for (int32_t j = 0; j < tf[i]; j++, values++) {
            word |= (uint64_t)(uint32_t)(*values - last) << filled;
            last = *values;
            for (filled += width; filled >= 8; filled -= 8, word >>= 8) *out++ = (uint8_t)word;
        }
    }
    if (filled) *out++ = (uint8_t)word;
    return out;
}

static void pack_frames(const Plain *plain, Made *made) {
    const uint32_t *values = plain->positions;
    uint8_t *out = made->positions;
    Py_ssize_t frame = 0;
    for (Py_ssize_t first = 0; first < plain->postings; first += FRAME, frame++) {
        Py_ssize_t some = plain->postings - first < FRAME ? plain->postings - first : FRAME, count;
        int width = width_of(all_gaps(plain->tf + first, some, values, &count));
        out = pack_frame(out, plain->tf + first, some, values, width);
        values += count;
        made->widths[frame] = (uint8_t)width;
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
    HeldArrays held = {.count = 0};
    (void)module;
    if (!PyArg_ParseTuple(args, "OOOK", &tf, &title, &positions, &number)) return NULL;
    if (!hold_array(&held, tf, 4, &plain.tf, &plain.postings) &&
        !hold_array(&held, title, 4, &plain.title, &titles) &&
        !hold_array(&held, positions, 4, &plain.positions, &plain.occurrences)) {
        if (titles != plain.postings || number + (uint64_t)titles > UINT32_MAX) damaged();
        else result = packed(&plain, (uint32_t)number);
    }
    let_go_of_arrays(&held);
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

/* Read one frame: of the postings from ``from`` to before ``to`` the positions; -1 where they lie
 * outside. ``tf`` are the frequencies of the whole frame. */
static int unpack_frame(
    const Source *source, Py_ssize_t frame, const int32_t *tf, uint32_t from, uint32_t to,
    uint32_t *out) {
    const Field *field = &source->field;
    uint64_t start = field->frames[frame], end = field->frames[frame + 1];
    uint64_t width = field->widths[frame], bit = start * 8;
    if (width < 1 || width > WIDEST || end < start || end + MARGIN > (uint64_t)field->positions_size)
        return -1;
    uint64_t mask = ((uint64_t)1 << width) - 1;
    for (uint32_t i = 0; i < from; i++) bit += (uint64_t)tf[i] * width;
    for (uint32_t i = from; i < to; i++) {
        uint32_t last = 0;
        if (bit + (uint64_t)tf[i] * width > end * 8) return -1;
        for (int32_t j = 0; j < tf[i]; j++, bit += width) {
            uint64_t word;
            memcpy(&word, field->positions + (bit >> 3), sizeof word);
            *out++ = last += (uint32_t)(word >> (bit & 7) & mask);
        }
    }
    return 0;
}

static int unpack_positions(
    const Source *source, uint32_t first, uint32_t last, uint32_t *out, int64_t room) {
    int32_t tf[FRAME];
    for (uint32_t from = first; from < last;) {
        Py_ssize_t frame = from / FRAME;
        uint32_t begin = (uint32_t)frame * FRAME, to = last - begin < FRAME ? last : begin + FRAME;
        int64_t wanted = 0;
        if (unpack_frequencies(source, begin, to, tf, NULL) < 0) return -1;
        for (uint32_t i = from - begin; i < to - begin; i++) wanted += tf[i];
        if (wanted > room || unpack_frame(source, frame, tf, from - begin, to - begin, out) < 0)
            return -1;
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
    HeldArrays held = {.count = 0};
    (void)module;
    if (!PyArg_ParseTuple(
            args, "(OOOOOOO)nnn", &parts[0], &parts[1], &parts[2], &parts[3], &parts[4], &parts[5],
            &parts[6], &first, &last, &total))
        return NULL;
    memset(&source, 0, sizeof source);
    if (!hold_array(&held, parts[0], 1, &field->freqs, &source.freqs) &&
        !hold_array(&held, parts[1], 4, &field->rare_at, &rares[0]) &&
        !hold_array(&held, parts[2], 4, &field->rare_tf, &rares[1]) &&
        !hold_array(&held, parts[3], 2, &field->rare_title, &rares[2]) &&
        !hold_array(&held, parts[4], 4, &field->frames, &offsets) &&
        !hold_array(&held, parts[5], 1, &field->widths, &source.frames) &&
        !hold_array(&held, parts[6], 1, &field->positions, &size)) {
        field->postings = total;
        field->positions_size = size;
        if (!fits(&source, rares, offsets, first, last) || total < last ||
            total > source.freqs * 2 || total > source.frames * FRAME)
            damaged();
        else result = unpacked(&source, (uint32_t)first, (uint32_t)last);
    }
    let_go_of_arrays(&held);
    return result;
}
