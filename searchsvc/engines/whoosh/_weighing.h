/* The postings of a block, some at a time: their documents, and their weighted frequencies. */

#ifndef WEIGHING_H
#define WEIGHING_H

#include "_postings.h"

#define SOME 128 /* postings that are read together; a word of a bitmap more at most */

/* A walk through all postings of a block. */
typedef struct {
    const Block *block;
    int32_t place;  /* of the postings that come next */
    uint32_t word;  /* of a bitmap */
    int64_t rare;   /* where the next rare frequency is; below 0 before the first one */
    /* What was read: */
    int32_t count;
    const uint16_t *lows;
    const uint8_t *tfs;
    uint16_t listed[SOME + 64];
    uint8_t unpacked[SOME + 64 + 2 * FRAME];
} Reading;

void begin_reading(Reading *reading, const Block *block);

/* Read the next postings: none at the end. Documents may lie outside of the chunk, or not ascend. */
int read_some(Reading *reading);

/* Tell the largest of some numbers. */
static inline int32_t largest(const uint16_t *lows, int32_t count) {
    uint16_t last = 0;
    for (int32_t i = 0; i < count; i++) last = lows[i] > last ? lows[i] : last;
    return last;
}

#endif
