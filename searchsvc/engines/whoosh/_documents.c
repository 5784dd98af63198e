/* Documents of blocks, packed in bulk: as arrays, as racks, or as bitmaps, whichever is small. */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include "_packing.h"

#include <stdint.h>
#include <string.h>

#include "_postings.h"

#define BITMAP_WORDS (WORDS + RANKS / 4)

typedef struct {
    const int32_t *docs;
    const int64_t *sizes;
    Py_ssize_t postings, blocks;
} Plain;

/* Give the words that a block takes: none if it is an array. */
static int64_t words_of(const int32_t *docs, int64_t count) {
    uint16_t sizes[SHELVES] = {0}, most = 0;
    if (count > SPARSE) return BITMAP_WORDS;
    if (count <= RACKED) return 0;
    for (int64_t i = 0; i < count; i++) sizes[docs[i] >> 8 & 255]++;
    for (int shelf = 0; shelf < SHELVES; shelf++) most = sizes[shelf] > most ? sizes[shelf] : most;
    return most > UINT8_MAX ? 0 : RACK_WORDS + (count + 7) / 8;
}

/* Count the words of each block and of all, and the postings of arrays; -1 where sizes are wrong. */
static int measure(const Plain *plain, uint32_t *words, int64_t *all, int64_t *lows) {
    int64_t place = 0;
    *all = *lows = 0;
    for (Py_ssize_t i = 0; i < plain->blocks; i++) {
        int64_t count = plain->sizes[i];
        if (count < 0 || count > CHUNK || count > plain->postings - place) return -1;
        words[i] = (uint32_t)words_of(plain->docs + place, count);
        *all += words[i];
        if (!words[i]) *lows += count;
        place += count;
    }
    return place == plain->postings ? 0 : -1;
}

static void pack_bitmap(const int32_t *docs, int64_t count, uint64_t *words) {
    uint16_t *ranks = (uint16_t *)(words + WORDS), rank = 0;
    for (int64_t i = 0; i < count; i++) set_bit(words, (uint32_t)docs[i] & (CHUNK - 1));
    for (int word = 0; word < WORDS; word++) {
        if (word % 8 == 0) ranks[word / 8] = rank;
        rank += (uint16_t)popcount(words[word]);
    }
}

static void pack_rack(const int32_t *docs, int64_t count, Rack *rack) {
    uint16_t rank = 0;
    for (int64_t i = 0; i < count; i++) {
        rack->sizes[docs[i] >> 8 & 255]++;
        rack->bytes[i] = (uint8_t)docs[i];
    }
    for (int shelf = 0; shelf < SHELVES; shelf++) {
        if (shelf % RANKED == 0) rack->ranks[shelf / RANKED] = rank;
        rank += rack->sizes[shelf];
    }
}

static void pack_blocks(const Plain *plain, const uint32_t *words, uint64_t *to, uint16_t *lows) {
    const int32_t *docs = plain->docs;
    for (Py_ssize_t i = 0; i < plain->blocks; docs += plain->sizes[i], to += words[i], i++) {
        int64_t count = plain->sizes[i];
        if (count > SPARSE) pack_bitmap(docs, count, to);
        else if (words[i]) pack_rack(docs, count, (Rack *)to);
        else
            for (int64_t j = 0; j < count; j++) *lows++ = (uint16_t)docs[j];
    }
}

static PyObject *packed(const Plain *plain) {
    PyObject *words = PyBytes_FromStringAndSize(NULL, plain->blocks * 4), *lows = NULL, *larger = NULL;
    int64_t all, few;
    if (!words) return NULL;
    uint32_t *counts = (uint32_t *)PyBytes_AsString(words);
    if (measure(plain, counts, &all, &few) < 0) {
        PyErr_SetString(PyExc_ValueError, "a posting list is damaged");
    } else {
        lows = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)few * 2);
        larger = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)all * 8);
    }
    if (lows && larger) {
        uint64_t *to = (uint64_t *)PyBytes_AsString(larger);
        uint16_t *listed = (uint16_t *)PyBytes_AsString(lows);
        Py_BEGIN_ALLOW_THREADS
        memset(to, 0, (size_t)all * 8);
        pack_blocks(plain, counts, to, listed);
        Py_END_ALLOW_THREADS
        return Py_BuildValue("NNN", lows, larger, words);
    }
    Py_XDECREF(lows);
    Py_XDECREF(larger);
    Py_DECREF(words);
    return NULL;
}

PyObject *pack_documents(PyObject *module, PyObject *args) {
    PyObject *docs, *sizes, *result = NULL;
    Plain plain;
    HeldArrays held = {.count = 0};
    (void)module;
    if (!PyArg_ParseTuple(args, "OO", &docs, &sizes)) return NULL;
    if (!hold_array(&held, docs, 4, &plain.docs, &plain.postings) &&
        !hold_array(&held, sizes, 8, &plain.sizes, &plain.blocks))
        result = packed(&plain);
    let_go_of_arrays(&held);
    return result;
}
