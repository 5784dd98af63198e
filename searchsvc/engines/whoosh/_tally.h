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

static inline void add_tf(Tally *tally, uint32_t low, int tf) {
    int before = tally->tfs[low];
    /* Without a branch: whether a document was there before cannot be guessed. */
    tally->lows[tally->count] = (uint16_t)low;
    tally->count += before == 0;
    tf += before;
    tally->tfs[low] = tf > LARGEST ? LARGEST : (uint8_t)tf;
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
