/* Frequencies of terms, added up document by document of a chunk. */

#ifndef TALLY_H
#define TALLY_H

#include <string.h>

#include "_postings.h"

/* Frequencies that are added up: a byte a document, and the documents in the order they came.
 * The bytes are nought before, and again after what was tallied has been read. */
typedef struct {
    uint8_t *tfs;
    uint16_t *lows;
    int32_t count;
} Tally;

/* Add frequencies. A byte may be any object's to a compiler, so nothing is read through the tally. */
static inline void add_tfs(Tally *tally, const uint16_t *added, const uint8_t *given, int32_t some) {
    uint8_t *restrict tfs = tally->tfs;
    uint16_t *restrict lows = tally->lows;
    int32_t count = tally->count;
    for (int32_t i = 0; i < some; i++) {
        uint16_t low = added[i];
        int before = tfs[low], tf = before + given[i];
        /* Without a branch: whether a document was there before cannot be guessed. */
        lows[count] = low;
        count += before == 0;
        tfs[low] = tf > LARGEST ? LARGEST : (uint8_t)tf;
    }
    tally->count = count;
}

static inline int take_tf(Tally *tally, uint32_t low) {
    int tf = tally->tfs[low];
    tally->tfs[low] = 0;
    return tf;
}

static inline int spoilt(Tally *tally, int status) {
    memset(tally->tfs, 0, CHUNK);
    return status;
}

/* Add up the frequencies of a block, whose postings may lie outside of the chunk. */
int add_block(const Block *block, int32_t size, Tally *tally);

#endif
