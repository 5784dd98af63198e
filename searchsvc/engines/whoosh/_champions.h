/* The best postings of a block, and walks through what postings are worth. */

#ifndef CHAMPIONS_H
#define CHAMPIONS_H

#include <stdatomic.h>

#include "_postings.h"

#define FEWEST 16 /* of blocks with fewer postings nothing is noted */
#define ABSENT (-1.0f) /* what a word is worth beside its title where the word is not */

typedef _Atomic(uint32_t) Footprint;

/* What is made of a block when it is first asked for. */
struct Champions {
    _Atomic(Champion *) best;
    _Atomic(Footprint *) prints; /* see _footprints.h */
};

/* Give a block room to note its champions, if it may have some. */
int give_champions(Block *block);
void drop_champions(Block *block);

/* Give a block's CHAMPIONS best postings, the best first; NULL where it has no more, or no memory.
 * They are chosen by the first who asks: what is only intersected needs none. Any thread may ask. */
const Champion *champions_of(const Block *block);

/* Give what so many of some worths come up to at least, and not many more: room for less than a
 * five-hundredth of what is between the least that counts and the most. */
float worth_of_last(const float *worths, int32_t count, int64_t wanted, float least);

/* Find a place from one on that is worth so much; `count` where there is none. */
static inline int32_t next_worth(const float *impacts, int32_t place, int32_t count, float least) {
    for (; place + 16 <= count; place += 16) {
        int any = 0;
        for (int i = 0; i < 16; i++) any |= impacts[place + i] >= least;
        if (any) break;
    }
    while (place < count && !(impacts[place] >= least)) place++;
    return place;
}

/* A walk through the documents of a block from place to place. */
typedef struct {
    const Block *block;
    uint32_t word;
    int32_t before; /* places before the word */
} Walk;

static inline uint32_t document_at(Walk *walk, int32_t place) {
    const Block *block = walk->block;
    int32_t count = 0;
    if (block->lows) return block->lows[place];
    while (walk->word < WORDS && walk->before + (count = popcount(block->bits[walk->word])) <= place) {
        walk->before += count;
        walk->word++;
    }
    if (walk->word == WORDS) return CHUNK - 1;
    uint64_t bits = block->bits[walk->word];
    for (int32_t skip = place - walk->before; skip > 0; skip--) bits &= bits - 1;
    return walk->word * 64 + (uint32_t)__builtin_ctzll(bits);
}

#endif
