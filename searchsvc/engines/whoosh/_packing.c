/* Frequencies as nibbles, positions in frames of 32 postings: packed and unpacked in bulk.
 *
 * What merges and flushes do with every posting; searching reads single ones by itself. Sizes are
 * compared before anything is written, and every number of a file before it is followed.
 */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include "_packing.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "_postings.h"

#define PLAIN 9  /* nibbles 0 to 8 are tf 1 to 9 outside titles */
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

/* Nibbles by tf, from 1 to 10 or more, and title tf, from none to 2 or more. */
static const uint8_t CODES[3][11] = {
    {RARE, 0, 1, 2, 3, 4, 5, 6, 7, 8, RARE},
    {RARE, 9, 10, 11, 12, 13, 14, RARE, RARE, RARE, RARE},
    {RARE, RARE, RARE, RARE, RARE, RARE, RARE, RARE, RARE, RARE, RARE}};

static inline int nibble_of(int32_t tf, int32_t title) {
    return CODES[title < 2 ? title : 2][tf <= PLAIN ? tf : PLAIN + 1];
}

static int width_of(uint32_t largest) { return largest ? 32 - __builtin_clz(largest) : 1; }

/* Count the positions of some postings and the rare ones; -1 where frequencies are wrong. */
static int64_t count_positions(const int32_t *tf, const int32_t *title, Py_ssize_t some, Py_ssize_t *rare) {
    int64_t count = 0;
    uint32_t wrong = 0;
    for (Py_ssize_t i = 0; i < some; i++) {
        wrong |= ((uint32_t)tf[i] - 1) | (uint32_t)tf[i] | (uint32_t)title[i];
        count += tf[i];
    }
    if (wrong >> 31) return -1;
    for (Py_ssize_t i = 0; i < some; i++) *rare += nibble_of(tf[i], title[i]) == RARE;
    return count;
}

/* Give of each posting the first position, of the others how far they are behind; and the bits that
 * are set in any of them. No branch hangs on how many a posting has. */
static uint32_t find_gaps(const int32_t *restrict tf, Py_ssize_t some, const uint32_t *restrict values,
                          int64_t count, uint32_t *restrict gaps) {
    uint32_t all = 0;
    for (int64_t i = 1; i < count; i++) gaps[i] = values[i] - values[i - 1];
    for (Py_ssize_t i = 0, place = 0; i < some; place += tf[i++]) gaps[place] = values[place];
    for (int64_t i = 0; i < count; i++) all |= gaps[i];
    return all;
}

/* Measure each frame, and find its gaps. Count what is rare and the bytes of all positions; -1 where
 * frequencies and positions differ. */
static int measure(const Plain *plain, uint32_t *gaps, Made *made, Py_ssize_t *rare, int64_t *bytes) {
    Py_ssize_t frame = 0;
    int64_t place = 0;
    *rare = *bytes = 0;
    for (Py_ssize_t first = 0; first < plain->postings; first += FRAME, frame++) {
        Py_ssize_t some = plain->postings - first < FRAME ? plain->postings - first : FRAME;
        int64_t count = count_positions(plain->tf + first, plain->title + first, some, rare);
        if (count < 0 || count > plain->occurrences - place) return -1;
        int width = width_of(find_gaps(plain->tf + first, some, plain->positions + place, count, gaps + place));
        place += count;
        *bytes += (count * width + 7) / 8;
        if (*bytes > UINT32_MAX) return -1;
        made->widths[frame] = (uint8_t)width;
        made->ends[frame] = (uint32_t)*bytes;
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

/* Write the gaps of one frame, eight bytes at once while so many are left; gives where the next begins. */
static uint8_t *pack_frame(const uint32_t *gaps, int64_t count, int width, uint8_t *out,
                           const uint8_t *end) {
    uint64_t word = 0;
    int filled = 0;
    for (; count && end - out >= 8; count--) {
        word |= (uint64_t)*gaps++ << filled;
        memcpy(out, &word, sizeof word);
        filled += width;
        out += filled >> 3;
        word >>= filled & ~7;
        filled &= 7;
    }
    for (; count; count--) {
        word |= (uint64_t)*gaps++ << filled;
        for (filled += width; filled >= 8; filled -= 8, word >>= 8) *out++ = (uint8_t)word;
    }
    if (filled) *out++ = (uint8_t)word;
    return out;
}

static void pack_frames(const Plain *plain, const uint32_t *gaps, int64_t bytes, Made *made) {
    const uint8_t *end = made->positions + bytes;
    uint8_t *out = made->positions;
    Py_ssize_t frame = 0;
    for (Py_ssize_t first = 0; first < plain->postings; first += FRAME, frame++) {
        Py_ssize_t last = plain->postings - first < FRAME ? plain->postings : first + FRAME;
        int64_t count = 0;
        for (Py_ssize_t i = first; i < last; i++) count += plain->tf[i];
        out = pack_frame(gaps, count, made->widths[frame], out, end);
        gaps += count;
    }
}

enum { FREQS, RARE_AT, RARE_TF, RARE_TITLE, POSITIONS, WIDTHS, ENDS, ARRAYS };

/* Make room for some arrays, and tell where each is. */
static int make_room(PyObject *arrays, const Py_ssize_t *sizes, int first, int last, void **data) {
    for (int i = first; i < last; i++) {
        PyObject *part = PyBytes_FromStringAndSize(NULL, sizes[i]);
        if (!part) return -1;
        data[i] = PyBytes_AsString(part);
        PyTuple_SetItem(arrays, i, part);
    }
    return 0;
}

static int pack(const Plain *plain, uint32_t number, uint32_t *gaps, PyObject *arrays) {
    Py_ssize_t rare, frames = (plain->postings + FRAME - 1) / FRAME;
    Py_ssize_t sizes[ARRAYS] = {[WIDTHS] = frames, [ENDS] = frames * 4};
    void *data[ARRAYS];
    int64_t bytes;
    int wrong;
    if (make_room(arrays, sizes, WIDTHS, ARRAYS, data) < 0) return -1;
    Made made = {.widths = data[WIDTHS], .ends = data[ENDS]};
    Py_BEGIN_ALLOW_THREADS
    wrong = measure(plain, gaps, &made, &rare, &bytes);
    Py_END_ALLOW_THREADS
    if (wrong) return damaged(), -1;
    sizes[FREQS] = (plain->postings + 1) / 2;
    sizes[RARE_AT] = sizes[RARE_TF] = rare * 4;
    sizes[RARE_TITLE] = rare * 2;
    sizes[POSITIONS] = (Py_ssize_t)bytes;
    if (make_room(arrays, sizes, FREQS, WIDTHS, data) < 0) return -1;
    made = (Made){data[FREQS],   data[POSITIONS], data[WIDTHS],    data[RARE_AT],
                  data[RARE_TF], data[ENDS],      data[RARE_TITLE]};
    Py_BEGIN_ALLOW_THREADS
    pack_frequencies(plain, number, &made);
    pack_frames(plain, gaps, bytes, &made);
    Py_END_ALLOW_THREADS
    return 0;
}

static PyObject *packed(const Plain *plain, uint32_t number) {
    PyObject *arrays = PyTuple_New(ARRAYS);
    uint32_t *gaps = malloc((size_t)(plain->occurrences + 1) * sizeof *gaps);
    if (!gaps) PyErr_NoMemory();
    if (!arrays || !gaps || pack(plain, number, gaps, arrays) < 0) Py_CLEAR(arrays);
    free(gaps);
    return arrays;
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
