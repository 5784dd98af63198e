/* The engine's inner loops over posting lists: boolean sets with the best hits, and phrases.
 *
 * Buffers come in, bytes and counts go out; the interpreter's lock is released in between. What
 * the functions mean is said in `portable.py`, which takes over where this file was not compiled
 * and which the tests hold it against.
 *
 * No array is trusted: every length is checked before, every document number and every offset
 * while it is used, so that a damaged file never leads to a read outside its buffers. Lists that
 * are out of order may lose documents unnoticed; the file's checksums tell.
 */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WINDOW 8192       /* documents whose scores are summed at once: 32 KB of floats */
#define BLOCK 64          /* buffers held in one block; their addresses must not change */
#define PATIENCE 32768    /* steps between two looks at the clock */
#define SAMPLED 128       /* postings between two sampled position offsets */
#define UNDATED INT32_MIN
#define TABLE (1 << 16)

enum { FINE = 0, DAMAGED, LATE, NO_MEMORY };

/* ---- buffers of one call ------------------------------------------------------------------ */

typedef struct Block {
    Py_buffer held[BLOCK];
    int count;
    struct Block *next;
} Block;

typedef struct {
    Block *blocks;
    double deadline;
    int64_t steps;
} Call;

static void begin(Call *call, double deadline) {
    call->blocks = NULL;
    call->steps = PATIENCE;
    call->deadline = deadline;
}

static void end(Call *call) {
    while (call->blocks) {
        Block *block = call->blocks;
        for (int i = 0; i < block->count; i++) PyBuffer_Release(&block->held[i]);
        call->blocks = block->next;
        free(block);
    }
}

/* Give room for one more buffer, or NULL with an exception set. */
static Py_buffer *room(Call *call) {
    Block *block = call->blocks;
    if (!block || block->count == BLOCK) {
        block = malloc(sizeof *block);
        if (!block) {
            PyErr_NoMemory();
            return NULL;
        }
        block->count = 0;
        block->next = call->blocks;
        call->blocks = block;
    }
    return &block->held[block->count];
}

/* Hold a buffer of items of one size; None gives 0 items. Returns -1 with an exception set. */
static int hold(Call *call, PyObject *object, size_t item, const void **data, Py_ssize_t *count) {
    *data = NULL;
    *count = 0;
    if (object == Py_None) return 0;
    Py_buffer *view = room(call);
    if (!view || PyObject_GetBuffer(object, view, PyBUF_SIMPLE) < 0) return -1;
    call->blocks->count++;
    if (view->len % (Py_ssize_t)item || (uintptr_t)view->buf % item) {
        PyErr_SetString(PyExc_ValueError, "an array has a wrong length or alignment");
        return -1;
    }
    *data = view->buf;
    *count = view->len / (Py_ssize_t)item;
    return 0;
}

/* Hold a buffer that must have exactly `wanted` items; None is allowed if `optional`. */
static int hold_exactly(Call *call, PyObject *object, size_t item, const void **data,
                        Py_ssize_t wanted, int optional) {
    Py_ssize_t count;
    if (hold(call, object, item, data, &count) < 0) return -1;
    if (*data ? count == wanted : optional || wanted == 0) return 0;
    PyErr_SetString(PyExc_ValueError, "arrays that belong together differ in length");
    return -1;
}

/* Count some steps of work; look at the clock at first and after many. */
static inline int late(Call *call, int64_t work) {
    struct timespec now;
    call->steps += work;
    if (call->steps < PATIENCE) return 0;
    call->steps = 0;
    if (call->deadline == INFINITY) return 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9 > call->deadline;
}

static PyObject *complain(int status) {
    if (status == LATE) PyErr_SetString(PyExc_TimeoutError, "the deadline has passed");
    else if (status == NO_MEMORY) PyErr_NoMemory();
    else PyErr_SetString(PyExc_ValueError, "a posting list is damaged");
    return NULL;
}

/* Name what a caller or a file got wrong in one way: ValueError. Gives NULL. */
static PyObject *refuse(void) {
    if (PyErr_ExceptionMatches(PyExc_OverflowError))
        PyErr_SetString(PyExc_ValueError, "a number is out of range");
    else if (PyErr_ExceptionMatches(PyExc_BufferError))
        PyErr_SetString(PyExc_ValueError, "an array is not contiguous");
    return NULL;
}

/* Check that an item of a tuple is a tuple too. Returns 0 with an exception set. */
static int is_tuple(PyObject *item) {
    if (item && PyTuple_Check(item)) return 1;
    if (item) PyErr_SetString(PyExc_TypeError, "a tuple is required");
    return 0;
}

/* Read an integer of any size as the nearest of 64 bits. Returns 0 with an exception set. */
static int clamped(PyObject *object, void *value) {
    int beyond;
    PyObject *number = PyNumber_Index(object);
    if (!number) return 0;
    int64_t nearest = PyLong_AsLongLongAndOverflow(number, &beyond);
    if (beyond) nearest = beyond < 0 ? INT64_MIN : INT64_MAX;
    Py_DECREF(number);
    *(int64_t *)value = nearest;
    return 1;
}

/* ---- posting lists ------------------------------------------------------------------------ */

typedef struct {
    const int32_t *docs;
    const uint16_t *codes; /* tf << 8 | length; NULL in a finished set */
    const float *scores;   /* of a finished set; NULL where all are 0 */
    Py_ssize_t count, at;
} List;

typedef struct {
    List *lists;
    Py_ssize_t count, cost;
    float weight;
} Operand; /* a word: lists of which any may match; or one finished set */

/* Go on to the first posting not before `doc`: doubling steps, then halving. */
static inline void seek(List *list, int32_t doc) {
    Py_ssize_t low = list->at, step = 1, high;
    if (low >= list->count || list->docs[low] >= doc) return;
    while (low + step < list->count && list->docs[low + step] < doc) {
        low += step;
        step *= 2;
    }
    high = low + step < list->count ? low + step : list->count;
    while (low + 1 < high) {
        Py_ssize_t middle = low + (high - low) / 2;
        if (list->docs[middle] < doc) low = middle;
        else high = middle;
    }
    list->at = high;
}

/* Tell whether a word or set has a document, and add what it scores there. */
static inline int has(Operand *operand, int32_t doc, const float *table, float *score) {
    int found = 0, coded = 0, tf = 0, length = 0;
    for (Py_ssize_t i = 0; i < operand->count; i++) {
        List *list = &operand->lists[i];
        seek(list, doc);
        if (list->at >= list->count || list->docs[list->at] != doc) continue;
        found = 1;
        if (list->codes) {
            coded = 1;
            tf += list->codes[list->at] >> 8;
            length = list->codes[list->at] & 255;
        } else if (list->scores) {
            *score += list->scores[list->at];
        }
    }
    if (coded) *score += operand->weight * table[(tf > 255 ? 255 : tf) << 8 | length];
    return found;
}

static int read_lists(Call *call, PyObject *tuple, Operand *operand) {
    PyObject *rows;
    double weight;
    if (!is_tuple(tuple) || !PyArg_ParseTuple(tuple, "dO!", &weight, &PyTuple_Type, &rows))
        return -1;
    operand->weight = (float)weight;
    operand->count = PyTuple_Size(rows);
    operand->lists = calloc((size_t)operand->count + 1, sizeof(List));
    if (!operand->lists) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < operand->count; i++) {
        List *list = &operand->lists[i];
        PyObject *docs, *codes, *scores, *row = PyTuple_GetItem(rows, i);
        if (!is_tuple(row) || !PyArg_ParseTuple(row, "OOO", &docs, &codes, &scores)) return -1;
        if (hold(call, docs, 4, (const void **)&list->docs, &list->count) < 0) return -1;
        if (hold_exactly(call, codes, 2, (const void **)&list->codes, list->count, 1) < 0) return -1;
        if (hold_exactly(call, scores, 4, (const void **)&list->scores, list->count, 1) < 0)
            return -1;
        if (operand->count > 1 && list->count && !list->codes) {
            PyErr_SetString(PyExc_ValueError, "a finished set stands alone");
            return -1;
        }
        operand->cost += list->count;
    }
    return 0;
}

typedef struct {
    Operand *all;
    Py_ssize_t count;
} Operands;

static int read_operands(Call *call, PyObject *tuple, Operands *operands) {
    operands->count = PyTuple_Size(tuple);
    operands->all = calloc((size_t)operands->count + 1, sizeof(Operand));
    if (!operands->all) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < operands->count; i++) {
        PyObject *item = PyTuple_GetItem(tuple, i);
        if (!item || read_lists(call, item, &operands->all[i]) < 0) return -1;
    }
    return 0;
}

static void drop(Operands *operands) {
    if (!operands->all) return;
    for (Py_ssize_t i = 0; i < operands->count; i++) free(operands->all[i].lists);
    free(operands->all);
}

/* ---- what passes, and the best of it ------------------------------------------------------ */

typedef struct {
    double key;
    int32_t doc;
    float score;
} Entry;

typedef struct {
    const int32_t *first, *last;
    int32_t low, high;
} Range;

typedef struct {
    Call *call;
    Operands must, should, without;
    Range range;
    const uint8_t *dead;
    const int64_t *minutes; /* NULL: by score */
    const float *table;
    int32_t size;
    int sign, best;
    double after_key;
    int64_t after_doc;
    Py_ssize_t wanted; /* -1: every match, by document */
    Entry *kept;
    Py_ssize_t kept_count, kept_room;
    int64_t total;
} Search;

static inline int before(const Entry *one, const Entry *two) {
    return one->key < two->key || (one->key == two->key && one->doc < two->doc);
}

/* A heap whose root is the worst of the kept. */
static void sift_down(Entry *heap, Py_ssize_t count, Py_ssize_t at) {
    for (;;) {
        Py_ssize_t child = 2 * at + 1;
        if (child >= count) return;
        if (child + 1 < count && before(&heap[child], &heap[child + 1])) child++;
        if (!before(&heap[at], &heap[child])) return;
        Entry moved = heap[at];
        heap[at] = heap[child];
        heap[child] = moved;
        at = child;
    }
}

static int keep(Search *search, Entry entry) {
    if (search->wanted >= 0 && search->kept_count == search->wanted) {
        if (!search->wanted || !before(&entry, &search->kept[0])) return FINE;
        search->kept[0] = entry;
        sift_down(search->kept, search->kept_count, 0);
        return FINE;
    }
    if (search->kept_count == search->kept_room) {
        Py_ssize_t room = search->kept_room ? search->kept_room * 2 : 64;
        Entry *grown = realloc(search->kept, (size_t)room * sizeof(Entry));
        if (!grown) return NO_MEMORY;
        search->kept = grown;
        search->kept_room = room;
    }
    search->kept[search->kept_count++] = entry;
    if (search->wanted >= 0 && search->kept_count == search->wanted)
        for (Py_ssize_t i = search->kept_count / 2; i-- > 0;)
            sift_down(search->kept, search->kept_count, i);
    return FINE;
}

static inline int refused(Search *search, int32_t doc) {
    float ignored = 0;
    const Range *range = &search->range;
    if (range->first && (range->first[doc] == UNDATED || range->first[doc] < range->low ||
                         range->last[doc] > range->high))
        return 1;
    if (search->dead && search->dead[doc]) return 1;
    for (Py_ssize_t i = 0; i < search->without.count; i++)
        if (has(&search->without.all[i], doc, search->table, &ignored)) return 1;
    return 0;
}

static inline int take(Search *search, int32_t doc, float score) {
    Entry entry = {-(double)score, doc, score};
    if (refused(search, doc)) return FINE;
    if (isnan(score)) return DAMAGED;
    search->total++;
    if (search->minutes)
        entry.key = search->minutes[doc] == UNDATED ? INFINITY
                                                    : search->sign * (double)search->minutes[doc];
    if (entry.key > search->after_key ||
        (entry.key == search->after_key && (int64_t)doc > search->after_doc))
        return keep(search, entry);
    return FINE;
}

/* ---- conjunction: from the rarest operand, one document after another --------------------- */

/* The next document of a word: the least that one of its lists is at; -1 at the end. */
static inline int32_t least(const Operand *operand) {
    int32_t doc = -1;
    for (Py_ssize_t i = 0; i < operand->count; i++) {
        const List *list = &operand->lists[i];
        if (list->at < list->count && (doc < 0 || list->docs[list->at] < doc))
            doc = list->docs[list->at];
    }
    return doc;
}

static inline void pass(Operand *operand, int32_t doc) {
    for (Py_ssize_t i = 0; i < operand->count; i++) {
        List *list = &operand->lists[i];
        while (list->at < list->count && list->docs[list->at] <= doc) list->at++;
    }
}

static void cheapest_first(Operands *operands) {
    for (Py_ssize_t i = 1; i < operands->count; i++)
        for (Py_ssize_t j = i; j > 0 && operands->all[j].cost < operands->all[j - 1].cost; j--) {
            Operand moved = operands->all[j];
            operands->all[j] = operands->all[j - 1];
            operands->all[j - 1] = moved;
        }
}

/* What one document may cost: a step for each list that is looked into. */
static int64_t work_of(const Search *search) {
    const Operands *every[] = {&search->must, &search->should, &search->without};
    int64_t work = 1;
    for (int i = 0; i < 3; i++)
        for (Py_ssize_t j = 0; j < every[i]->count; j++) work += every[i]->all[j].count;
    return work;
}

static int conjunction(Search *search) {
    Operands *must = &search->must;
    int64_t work = work_of(search);
    int32_t previous = -1;
    cheapest_first(must);
    for (;;) {
        int32_t doc = least(&must->all[0]);
        float score = 0;
        Py_ssize_t i;
        if (late(search->call, work)) return LATE;
        if (doc < 0) break;
        if (doc >= search->size || doc <= previous) return DAMAGED;
        previous = doc;
        for (i = 0; i < must->count && has(&must->all[i], doc, search->table, &score); i++) {}
        if (i == must->count) {
            for (i = 0; i < search->should.count; i++)
                has(&search->should.all[i], doc, search->table, &score);
            int status = take(search, doc, score);
            if (status) return status;
        }
        pass(&must->all[0], doc);
    }
    /* A negative number ends a list early above; it can only come from a damaged file. */
    for (Py_ssize_t i = 0; i < must->all[0].count; i++)
        if (must->all[0].lists[i].at < must->all[0].lists[i].count) return DAMAGED;
    return FINE;
}

/* ---- disjunction: all operands into a window of documents, window after window ------------ */

typedef struct {
    float scores[WINDOW];
    uint8_t tf[WINDOW], length[WINDOW];
    uint64_t seen[WINDOW / 64], touched[WINDOW / 64];
} Window;

static inline void put(Window *window, int32_t place, float score, int best) {
    uint64_t bit = (uint64_t)1 << (place & 63);
    if (!(window->seen[place >> 6] & bit)) {
        window->seen[place >> 6] |= bit;
        window->scores[place] = score;
    } else if (!best) {
        window->scores[place] += score;
    } else if (score > window->scores[place]) {
        window->scores[place] = score;
    }
}

static int add_list(Window *window, List *list, int32_t base, const Operand *operand,
                    const Search *search) {
    int single = operand->count == 1;
    for (; list->at < list->count; list->at++) {
        int32_t doc = list->docs[list->at], place, tf;
        if (doc < base || doc >= search->size) return DAMAGED;
        place = doc - base;
        if (place >= WINDOW) return FINE;
        if (!list->codes) {
            put(window, place, list->scores ? list->scores[list->at] : 0, search->best);
        } else if (single) {
            put(window, place, operand->weight * search->table[list->codes[list->at]],
                search->best);
        } else {
            uint64_t bit = (uint64_t)1 << (place & 63);
            if (!(window->touched[place >> 6] & bit)) window->tf[place] = 0;
            window->touched[place >> 6] |= bit;
            tf = window->tf[place] + (list->codes[list->at] >> 8);
            window->tf[place] = tf > 255 ? 255 : (uint8_t)tf;
            window->length[place] = list->codes[list->at] & 255;
        }
    }
    return FINE;
}

static void add_touched(Window *window, const Operand *operand, const Search *search) {
    for (int word = 0; word < WINDOW / 64; word++) {
        uint64_t bits = window->touched[word];
        window->touched[word] = 0;
        for (; bits; bits &= bits - 1) {
            int32_t place = word * 64 + __builtin_ctzll(bits);
            int code = window->tf[place] << 8 | window->length[place];
            put(window, place, operand->weight * search->table[code], search->best);
        }
    }
}

static int32_t next_base(const Operands *should) {
    int32_t doc = -1;
    for (Py_ssize_t i = 0; i < should->count; i++) {
        int32_t own = least(&should->all[i]);
        if (own >= 0 && (doc < 0 || own < doc)) doc = own;
    }
    return doc < 0 ? -1 : doc - doc % WINDOW;
}

static int disjunction(Search *search) {
    Operands *should = &search->should;
    int32_t base, previous = -1;
    int status = FINE;
    Window *window = calloc(1, sizeof *window);
    if (!window) return NO_MEMORY;
    while (!status && (base = next_base(should)) >= 0) {
        if (late(search->call, PATIENCE)) status = LATE;
        else if (base <= previous) status = DAMAGED;
        previous = base;
        for (Py_ssize_t i = 0; i < should->count && !status; i++) {
            Operand *operand = &should->all[i];
            for (Py_ssize_t j = 0; j < operand->count && !status; j++)
                status = add_list(window, &operand->lists[j], base, operand, search);
            add_touched(window, operand, search);
        }
        for (int word = 0; word < WINDOW / 64 && !status; word++) {
            uint64_t bits = window->seen[word];
            window->seen[word] = 0;
            for (; bits && !status; bits &= bits - 1) {
                int32_t place = word * 64 + __builtin_ctzll(bits);
                status = take(search, base + place, window->scores[place]);
            }
        }
    }
    free(window);
    for (Py_ssize_t i = 0; i < should->count && !status; i++)
        for (Py_ssize_t j = 0; j < should->all[i].count; j++)
            if (should->all[i].lists[j].at < should->all[i].lists[j].count) status = DAMAGED;
    return status;
}

static int everything(Search *search) {
    int64_t work = work_of(search);
    int status = FINE;
    for (int32_t doc = 0; doc < search->size && !status; doc++) {
        if (late(search->call, work)) return LATE;
        float score = 0;
        for (Py_ssize_t i = 0; i < search->should.count; i++)
            has(&search->should.all[i], doc, search->table, &score);
        status = take(search, doc, score);
    }
    return status;
}

/* ---- boolean ------------------------------------------------------------------------------ */

static int compare(const void *one, const void *two) {
    return before(one, two) ? -1 : before(two, one);
}

static PyObject *found(Search *search) {
    Py_ssize_t count = search->kept_count;
    if (search->wanted >= 0 && count) qsort(search->kept, (size_t)count, sizeof(Entry), compare);
    PyObject *docs = PyBytes_FromStringAndSize(NULL, count * 4);
    PyObject *scores = PyBytes_FromStringAndSize(NULL, count * 4);
    if (!docs || !scores) {
        Py_XDECREF(docs);
        Py_XDECREF(scores);
        return NULL;
    }
    int32_t *doc = (int32_t *)PyBytes_AsString(docs);
    float *score = (float *)PyBytes_AsString(scores);
    for (Py_ssize_t i = 0; i < count; i++) {
        doc[i] = search->kept[i].doc;
        score[i] = search->kept[i].score;
    }
    return Py_BuildValue("LNN", (long long)search->total, docs, scores);
}

static PyObject *search_boolean(Search *search, int mode) {
    int status;
    Py_BEGIN_ALLOW_THREADS
    if (mode == 'A') status = conjunction(search);
    else if (mode == 'O') status = disjunction(search);
    else status = everything(search);
    Py_END_ALLOW_THREADS
    return status ? complain(status) : found(search);
}

/* boolean(mode, size, table, must, should, without, range, dead, order, after, wanted, best,
 * deadline) */
static PyObject *boolean(PyObject *module, PyObject *arguments) {
    int mode, size;
    PyObject *table, *must, *should, *without, *first, *last, *dead, *minutes, *result = NULL;
    double deadline;
    Search search;
    Call held, *call = &held;
    (void)module;
    memset(&search, 0, sizeof search);
    if (!PyArg_ParseTuple(arguments, "CiOO!O!O!(OOii)O(Oi)(dO&)npd", &mode, &size, &table,
                          &PyTuple_Type, &must, &PyTuple_Type, &should, &PyTuple_Type, &without,
                          &first, &last, &search.range.low, &search.range.high, &dead, &minutes,
                          &search.sign, &search.after_key, clamped, &search.after_doc,
                          &search.wanted, &search.best, &deadline))
        return refuse();
    if (size < 0 || (mode != 'A' && mode != 'O' && mode != 'E') ||
        (mode == 'A' && !PyTuple_Size(must))) {
        PyErr_SetString(PyExc_ValueError, "a conjunction needs an operand, a segment a size");
        return NULL;
    }
    search.size = size;
    search.call = call;
    begin(call, deadline);
    if (!hold_exactly(call, table, 4, (const void **)&search.table, TABLE, 0) &&
        !hold_exactly(call, first, 4, (const void **)&search.range.first, size, 1) &&
        !hold_exactly(call, last, 4, (const void **)&search.range.last, size,
                      !search.range.first) &&
        !hold_exactly(call, dead, 1, (const void **)&search.dead, size, 1) &&
        !hold_exactly(call, minutes, 8, (const void **)&search.minutes, size, 1) &&
        !read_operands(call, must, &search.must) && !read_operands(call, should, &search.should) &&
        !read_operands(call, without, &search.without))
        result = search_boolean(&search, mode);
    drop(&search.must);
    drop(&search.should);
    drop(&search.without);
    free(search.kept);
    end(call);
    return result ? result : refuse();
}

/* ---- phrases and pairs -------------------------------------------------------------------- */

typedef struct {
    const uint8_t *tf;         /* occurrences of each posting; 255 stands for that and more */
    const int64_t *samples;    /* where the positions of every 128th posting begin */
    const void *positions;
    const int64_t *over_index; /* postings with 255 occurrences or more, ascending */
    const uint32_t *over_count;
    Py_ssize_t postings, samples_count, positions_count, over;
    int wide;                  /* positions have 32 bits instead of 16 */
} Stream;

typedef struct {
    const int32_t *docs;
    Py_ssize_t count, at, place; /* place: number of the first posting in its stream */
    const Stream *stream;
} Located;

typedef struct {
    Located *lists;
    Py_ssize_t count, cost;
    uint32_t *at; /* positions in the current document */
    Py_ssize_t at_count, at_room;
} Item;

typedef struct {
    Call *call;
    Stream *streams;
    Py_ssize_t streams_count;
    Item *items;
    Py_ssize_t items_count;
    const uint8_t *lengths;
    const float *table;
    float weight;
    int32_t size;
    int64_t distance; /* below 0: side by side */
    Entry *kept;
    Py_ssize_t kept_count, kept_room;
} Spans;

static int64_t occurrences(const Stream *stream, Py_ssize_t posting) {
    Py_ssize_t low = 0, high = stream->over;
    if (stream->tf[posting] < 255) return stream->tf[posting];
    while (low < high) {
        Py_ssize_t middle = low + (high - low) / 2;
        if (stream->over_index[middle] < posting) low = middle + 1;
        else high = middle;
    }
    return low < stream->over && stream->over_index[low] == posting ? stream->over_count[low] : 255;
}

/* Add the positions of the posting a list is at; they must lie inside the stream's. */
static int gather(Item *item, const Located *list) {
    const Stream *stream = list->stream;
    Py_ssize_t posting = list->place + list->at, first = posting - posting % SAMPLED;
    int64_t start, count;
    if (posting < 0 || posting >= stream->postings || posting / SAMPLED >= stream->samples_count)
        return DAMAGED;
    start = stream->samples[posting / SAMPLED];
    if (start < 0 || start > stream->positions_count) return DAMAGED;
    for (; first < posting; first++) start += occurrences(stream, first);
    count = occurrences(stream, posting);
    if (start > stream->positions_count - count) return DAMAGED;
    if (item->at_count + count > item->at_room) {
        Py_ssize_t room = (item->at_count + count) * 2;
        uint32_t *grown = realloc(item->at, (size_t)room * sizeof(uint32_t));
        if (!grown) return NO_MEMORY;
        item->at = grown;
        item->at_room = room;
    }
    for (int64_t i = 0; i < count; i++)
        item->at[item->at_count++] = stream->wide ? ((const uint32_t *)stream->positions)[start + i]
                                                  : ((const uint16_t *)stream->positions)[start + i];
    return FINE;
}

static int ascending(const void *one, const void *two) {
    uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)two;
    return (a > b) - (a < b);
}

/* Collect an item's distinct positions in a document, in order. */
static int locate(Item *item, int32_t doc) {
    int lists = 0;
    item->at_count = 0;
    for (Py_ssize_t i = 0; i < item->count; i++) {
        Located *list = &item->lists[i];
        if (list->at >= list->count || list->docs[list->at] != doc) continue;
        int status = gather(item, list);
        if (status) return status;
        lists++;
    }
    if (lists > 1 && item->at_count) {
        Py_ssize_t kept = 0;
        qsort(item->at, (size_t)item->at_count, sizeof(uint32_t), ascending);
        for (Py_ssize_t i = 0; i < item->at_count; i++)
            if (!kept || item->at[i] != item->at[kept - 1]) item->at[kept++] = item->at[i];
        item->at_count = kept;
    }
    return FINE;
}

static int arrives(Item *item, int32_t doc) {
    int found = 0;
    for (Py_ssize_t i = 0; i < item->count; i++) {
        Located *list = &item->lists[i];
        List probe = {list->docs, NULL, NULL, list->count, list->at};
        seek(&probe, doc);
        list->at = probe.at;
        found |= list->at < list->count && list->docs[list->at] == doc;
    }
    return found;
}

/* Count the places where all items stand side by side; the first item's positions are used up. */
static int64_t side_by_side(Spans *spans) {
    Item *first = &spans->items[0];
    for (Py_ssize_t i = 1; i < spans->items_count; i++) {
        const Item *item = &spans->items[i];
        Py_ssize_t kept = 0;
        for (Py_ssize_t a = 0, b = 0; a < first->at_count && b < item->at_count;) {
            uint64_t wanted = (uint64_t)first->at[a] + (uint64_t)i;
            if (item->at[b] < wanted) b++;
            else if (item->at[b] > wanted) a++;
            else {
                first->at[kept++] = first->at[a++];
                b++;
            }
        }
        first->at_count = kept;
    }
    return first->at_count;
}

/* Count the first item's positions that have another one of the second close by. */
static int64_t close_by(const Spans *spans) {
    const Item *one = &spans->items[0], *two = &spans->items[1];
    int64_t count = 0;
    Py_ssize_t low = 0;
    for (Py_ssize_t a = 0; a < one->at_count; a++) {
        int64_t here = one->at[a];
        while (low < two->at_count && two->at[low] < here - spans->distance) low++;
        /* Positions are distinct, so of the first two one stands elsewhere. */
        for (Py_ssize_t b = low; b < two->at_count && b < low + 2; b++)
            if (two->at[b] != here && two->at[b] <= here + spans->distance) {
                count++;
                break;
            }
    }
    return count;
}

static int keep_span(Spans *spans, int32_t doc, int64_t count) {
    Search search;
    int tf = count > 255 ? 255 : (int)count;
    Entry entry = {0, doc, spans->weight * spans->table[tf << 8 | spans->lengths[doc]]};
    memset(&search, 0, sizeof search);
    search.wanted = -1;
    search.kept = spans->kept;
    search.kept_count = spans->kept_count;
    search.kept_room = spans->kept_room;
    if (isnan(entry.score)) return DAMAGED;
    int status = keep(&search, entry);
    spans->kept = search.kept;
    spans->kept_count = search.kept_count;
    spans->kept_room = search.kept_room;
    return status;
}

static int32_t first_of(const Item *item) {
    int32_t doc = -1;
    for (Py_ssize_t i = 0; i < item->count; i++) {
        const Located *list = &item->lists[i];
        if (list->at < list->count && (doc < 0 || list->docs[list->at] < doc))
            doc = list->docs[list->at];
    }
    return doc;
}

static int find_spans(Spans *spans) {
    Item *rarest = &spans->items[0];
    int32_t doc, previous = -1;
    int64_t work = 1;
    for (Py_ssize_t i = 1; i < spans->items_count; i++)
        if (spans->items[i].cost < rarest->cost) rarest = &spans->items[i];
    while ((doc = first_of(rarest)) >= 0) {
        Py_ssize_t i = 0;
        int status = FINE;
        if (late(spans->call, work)) return LATE;
        work = 1;
        if (doc >= spans->size || doc <= previous) return DAMAGED;
        previous = doc;
        while (i < spans->items_count && arrives(&spans->items[i], doc)) i++;
        if (i == spans->items_count) {
            for (i = 0; i < spans->items_count && !status; i++) {
                status = locate(&spans->items[i], doc);
                work += spans->items[i].at_count;
            }
            if (status) return status;
            int64_t count = spans->distance < 0 ? side_by_side(spans) : close_by(spans);
            if (count && (status = keep_span(spans, doc, count))) return status;
        }
        for (i = 0; i < rarest->count; i++) {
            Located *list = &rarest->lists[i];
            while (list->at < list->count && list->docs[list->at] <= doc) list->at++;
        }
    }
    for (Py_ssize_t i = 0; i < rarest->count; i++)
        if (rarest->lists[i].at < rarest->lists[i].count) return DAMAGED;
    return FINE;
}

static int read_streams(Spans *spans, PyObject *tuple) {
    Call *call = spans->call;
    spans->streams_count = PyTuple_Size(tuple);
    spans->streams = calloc((size_t)spans->streams_count + 1, sizeof(Stream));
    if (!spans->streams) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < spans->streams_count; i++) {
        Stream *stream = &spans->streams[i];
        PyObject *tf, *samples, *positions, *index, *count, *row = PyTuple_GetItem(tuple, i);
        if (!is_tuple(row) || !PyArg_ParseTuple(row, "OOOpOO", &tf, &samples, &positions,
                                                &stream->wide, &index, &count))
            return -1;
        if (hold(call, tf, 1, (const void **)&stream->tf, &stream->postings) < 0 ||
            hold(call, samples, 8, (const void **)&stream->samples, &stream->samples_count) < 0 ||
            hold(call, positions, stream->wide ? 4 : 2, &stream->positions,
                 &stream->positions_count) < 0 ||
            hold(call, index, 8, (const void **)&stream->over_index, &stream->over) < 0 ||
            hold_exactly(call, count, 4, (const void **)&stream->over_count, stream->over, 0) < 0)
            return -1;
    }
    return 0;
}

static int read_item(Spans *spans, PyObject *tuple, Item *item) {
    if (!is_tuple(tuple)) return -1;
    item->count = PyTuple_Size(tuple);
    item->lists = calloc((size_t)item->count + 1, sizeof(Located));
    if (!item->lists) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < item->count; i++) {
        Located *list = &item->lists[i];
        PyObject *docs, *row = PyTuple_GetItem(tuple, i);
        Py_ssize_t stream;
        if (!is_tuple(row) || !PyArg_ParseTuple(row, "nOn", &stream, &docs, &list->place))
            return -1;
        if (hold(spans->call, docs, 4, (const void **)&list->docs, &list->count) < 0) return -1;
        if (stream < 0 || stream >= spans->streams_count || list->place < 0 ||
            list->place > spans->streams[stream].postings - list->count) {
            PyErr_SetString(PyExc_ValueError, "a posting list lies outside its stream");
            return -1;
        }
        list->stream = &spans->streams[stream];
        item->cost += list->count;
    }
    return 0;
}

static int read_items(Spans *spans, PyObject *tuple) {
    spans->items_count = PyTuple_Size(tuple);
    spans->items = calloc((size_t)spans->items_count + 1, sizeof(Item));
    if (!spans->items) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < spans->items_count; i++) {
        PyObject *item = PyTuple_GetItem(tuple, i);
        if (!item || read_item(spans, item, &spans->items[i]) < 0) return -1;
    }
    return 0;
}

static PyObject *search_spans(Spans *spans) {
    Search search;
    int status;
    Py_BEGIN_ALLOW_THREADS
    status = find_spans(spans);
    Py_END_ALLOW_THREADS
    if (status) return complain(status);
    memset(&search, 0, sizeof search);
    search.wanted = -1;
    search.kept = spans->kept;
    search.kept_count = spans->kept_count;
    search.total = spans->kept_count;
    return found(&search);
}

static void drop_spans(Spans *spans) {
    for (Py_ssize_t i = 0; spans->items && i < spans->items_count; i++) {
        free(spans->items[i].lists);
        free(spans->items[i].at);
    }
    free(spans->items);
    free(spans->streams);
    free(spans->kept);
}

/* spans(size, table, lengths, weight, distance, streams, items, deadline) */
static PyObject *spans(PyObject *module, PyObject *arguments) {
    int size;
    double weight, deadline;
    PyObject *table, *lengths, *streams, *items, *result = NULL;
    Spans all;
    Call call;
    (void)module;
    memset(&all, 0, sizeof all);
    if (!PyArg_ParseTuple(arguments, "iOOdO&O!O!d", &size, &table, &lengths, &weight, clamped,
                          &all.distance, &PyTuple_Type, &streams, &PyTuple_Type, &items, &deadline))
        return refuse();
    if (all.distance > UINT32_MAX) all.distance = UINT32_MAX;
    if (size < 0 || !PyTuple_Size(items) || (all.distance >= 0 && PyTuple_Size(items) != 2)) {
        PyErr_SetString(PyExc_ValueError, "a phrase needs items, a pair two");
        return NULL;
    }
    all.size = size;
    all.weight = (float)weight;
    all.call = &call;
    begin(&call, deadline);
    if (!hold_exactly(all.call, table, 4, (const void **)&all.table, TABLE, 0) &&
        !hold_exactly(all.call, lengths, 1, (const void **)&all.lengths, size, 0) &&
        !read_streams(&all, streams) && !read_items(&all, items))
        result = search_spans(&all);
    drop_spans(&all);
    end(all.call);
    return result ? result : refuse();
}

/* find(blob, offsets, key): the number of the first string not before the key, and if it is it */
static PyObject *find(PyObject *module, PyObject *arguments) {
    PyObject *blob, *offsets, *result = NULL;
    const char *key, *bytes;
    const int64_t *starts;
    Py_ssize_t length, size, count;
    Call call;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "OOy#", &blob, &offsets, &key, &length)) return refuse();
    begin(&call, INFINITY);
    if (hold(&call, blob, 1, (const void **)&bytes, &size) < 0 ||
        hold(&call, offsets, 8, (const void **)&starts, &count) < 0) {
        refuse();
        goto done;
    }
    if (!bytes) {
        PyErr_SetString(PyExc_TypeError, "the strings' bytes are required");
        goto done;
    }
    Py_ssize_t low = 0, high = count - 1;
    int equal = 0;
    while (low < high) {
        Py_ssize_t middle = low + (high - low) / 2;
        int64_t start = starts[middle], stop = starts[middle + 1];
        if (start < 0 || stop < start || stop > size) {
            complain(DAMAGED);
            goto done;
        }
        Py_ssize_t own = (Py_ssize_t)(stop - start);
        int order = memcmp(bytes + start, key, (size_t)(own < length ? own : length));
        if (!order) order = (own > length) - (own < length);
        if (order < 0) low = middle + 1;
        else high = middle;
        equal |= !order;
    }
    result = Py_BuildValue("nO", low, equal ? Py_True : Py_False);
done:
    end(&call);
    return result;
}

static PyMethodDef methods[] = {
    {"boolean", boolean, METH_VARARGS, "Combine words and sets; give the total and the best."},
    {"spans", spans, METH_VARARGS, "Find a phrase or two items close by; give documents, scores."},
    {"find", find, METH_VARARGS, "Find a string in a sorted list of strings."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_kernel", NULL, 0, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__kernel(void) { return PyModule_Create(&definition); }
