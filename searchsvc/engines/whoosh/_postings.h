/* The posting lists of one segment: what its mapped arrays mean, and how single postings are read.
 *
 * A segment's documents are cut into chunks of 65,536; a term's postings in a chunk are a block: an
 * array of 16-bit numbers; of more than 384, a rack, which has their low bytes on 256 shelves; of more
 * than 4,096, a bitmap. So a number inside a chunk never leaves a bitmap or a rack's shelves, whatever
 * the file says; every other number is checked while it is used.
 */

#ifndef POSTINGS_H
#define POSTINGS_H

/* Every 64-bit processor of the last fifteen years counts bits and shuffles bytes. */
#if defined(__x86_64__) && defined(__GNUC__)
#pragma GCC target("popcnt,ssse3")
#endif

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define CHUNK 65536        /* documents of a chunk */
#define WORDS (CHUNK / 64) /* words of a bitmap */
#define SPARSE 4096        /* the most postings of an array or a rack */
#define RACKED 384         /* the most postings of an array, unless a shelf is full */
#define RANKS 128          /* entries of a bitmap's rank directory, one for each 512 bits */
#define NEAR 64            /* blocks between two that tell how many larger ones are before them */
#define FRAME 32           /* postings whose positions have one width */
#define MARGIN 8           /* zero bytes after the positions */
#define RARE 15            /* the nibble that sends to the lists of rare frequencies */
#define LARGEST 255        /* the largest weighted frequency */

enum { FINE = 0, DAMAGED, LATE, NO_MEMORY };

/* The arrays of one field, named as in the file. */
typedef struct {
    const uint32_t *lists;
    const uint16_t *chunks;
    const uint32_t *blocks;
    const uint16_t *lows;
    const uint32_t *large, *large_before, *large_at, *large_near;
    const uint64_t *words;
    const uint8_t *freqs;
    const uint32_t *rare_at, *rare_tf;
    const uint16_t *rare_title;
    const uint32_t *frames;
    const uint8_t *widths, *positions;
    int64_t terms, block_count, postings, lows_count, large_count, word_count, rares, positions_size;
} Field;

/* One of a block's best postings. */
typedef struct {
    float impact;
    uint16_t low;
} Champion;

/* A block's best postings, chosen when they are first asked for. */
typedef struct Champions Champions;

#define MAPPED 1024  /* arrays of at least so many postings get a bitmap too, in memory, */
#define DIRECTED 64  /* and shorter ones a directory, */
#define SHELVES 256  /* which tells where the documents of each 256 numbers begin */
#define RANKED 16    /* shelves of a rack from one rank to the next */
#define SHELF_ROOM 16 /* what is read or written at once, maybe behind the end */
#define CHAMPIONS 128 /* as many are known of each longer block, the best first */

/* An array in the file: the postings before each sixteen shelves, how many are on each shelf, and
 * behind these their low bytes. No shelf is full: that would be one more than a byte holds. */
typedef struct {
    uint16_t ranks[SHELVES / RANKED];
    uint8_t sizes[SHELVES];
    uint8_t bytes[];
} Rack;

#define RACK_WORDS ((int64_t)sizeof(Rack) / 8)

/* One term's postings in one chunk. */
typedef struct {
    const Field *field;
    const Rack *rack;      /* NULL where there is none in the file */
    const uint16_t *lows;  /* NULL where there is a bitmap or a rack only */
    const uint64_t *bits;  /* NULL where there is an array only */
    const uint16_t *ranks; /* of the bitmap */
    const uint16_t *fine;  /* the bits set before each of its words; NULL where that is not known */
    const uint16_t *shelves; /* of the array; NULL where there is no directory */
    const float *impacts;  /* what each posting is worth, before the term's weight */
    const float *beside;   /* of a word in titles: what the word is worth there; NULL: not known */
    Champions *champions;  /* NULL where there are no more than FEWEST postings */
    void *own;             /* memory of the term's: impacts, a bitmap or a directory, documents */
    uint32_t chunk;
    uint32_t first;        /* number of the first posting in the field */
    int32_t count;
    uint32_t rare, rare_end; /* where in the rare frequencies the block's are */
    float bound;           /* no posting is worth more */
    int32_t at;            /* place of a walk upwards through an array */
    uint32_t word;         /* or word of one through a bitmap, */
    int32_t before;        /* and postings before it */
} Block;

/* What scoring looks up: a table of 65,536 impacts by `weighted tf << 8 | length code`. */
typedef struct {
    const float *table;
    const uint8_t *lengths; /* of the chunk's documents; CHUNK of them may be read */
    int32_t size;           /* documents of the chunk */
} Scale;

/* Where one posting's positions lie. */
typedef struct {
    uint32_t posting;
    uint32_t count;
    uint64_t bit; /* of the field's positions */
    int width;
    uint32_t last; /* what was read last: each position but the first is the gap to the next */
} Place;

#define NOWHERE UINT32_MAX

extern const uint8_t WEIGHTED[16]; /* weighted tf of a nibble: a title's occurrence counts thrice */

static inline int popcount(uint64_t word) { return __builtin_popcountll(word); }

static inline int has_bit(const uint64_t *bits, uint32_t low) {
    return (int)(bits[low >> 6] >> (low & 63) & 1);
}

static inline void set_bit(uint64_t *bits, uint32_t low) {
    bits[low >> 6] |= (uint64_t)1 << (low & 63);
}

static inline int nibble(const Field *field, uint32_t posting) {
    return field->freqs[posting >> 1] >> ((posting & 1) << 2) & 15;
}

/* Count the postings of a bitmap before a document; documents ascend. */
static inline int32_t rank_of(Block *block, uint32_t low) {
    uint32_t word = low >> 6;
    uint64_t below = ((uint64_t)1 << (low & 63)) - 1;
    if (block->fine) return block->fine[word] + popcount(block->bits[word] & below);
    if (word - block->word > 8) {
        block->word = word & ~(uint32_t)7;
        block->before = block->ranks[low >> 9];
    }
    for (; block->word < word; block->word++) block->before += popcount(block->bits[block->word]);
    return block->before + popcount(block->bits[word] & below);
}

/* Count those of eight ascending numbers that are below another. */
static inline int before_of_eight(const uint16_t *lows, uint32_t low) {
#ifdef __SSE2__
    __m128i eight = _mm_loadu_si128((const __m128i *)lows);
    __m128i above = _mm_subs_epu16(_mm_set1_epi16((short)low), eight);
    __m128i others = _mm_cmpeq_epi16(above, _mm_setzero_si128());
    return 8 - popcount((uint64_t)_mm_movemask_epi8(others)) / 2;
#else
    int count = 0;
    for (int i = 0; i < 8; i++) count += lows[i] < low;
    return count;
#endif
}

/* Find a document's place in a rack; -1 where it is not. */
static inline int32_t place_in_rack(const Rack *rack, int32_t count, uint32_t low) {
    uint32_t shelf = low >> 8, first = shelf - shelf % RANKED;
    int32_t place = rack->ranks[shelf / RANKED], size = rack->sizes[shelf];
#ifdef __SSE2__
    static const uint8_t cover[2 * RANKED] = {255, 255, 255, 255, 255, 255, 255, 255,
                                              255, 255, 255, 255, 255, 255, 255, 255};
    __m128i before = _mm_loadu_si128((const __m128i *)(cover + RANKED - shelf % RANKED));
    before = _mm_and_si128(before, _mm_loadu_si128((const __m128i *)(rack->sizes + first)));
    before = _mm_sad_epu8(before, _mm_setzero_si128());
    place += _mm_cvtsi128_si32(before) + _mm_extract_epi16(before, 4);
    if (place + size > count) return -1;
    const __m128i wanted = _mm_set1_epi8((char)low);
    for (int32_t done = 0;; done += SHELF_ROOM) {
        __m128i some = _mm_loadu_si128((const __m128i *)(rack->bytes + place + done));
        uint32_t found = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(some, wanted));
        int32_t at = done + __builtin_ctz(found | 1u << SHELF_ROOM);
        if (at < size && found) return place + at;
        if (done + SHELF_ROOM >= size) return -1;
    }
#else
    for (uint32_t i = first; i < shelf; i++) place += rack->sizes[i];
    if (place + size > count) return -1;
    for (int32_t i = place; i < place + size; i++)
        if (rack->bytes[i] == (uint8_t)low) return i;
    return -1;
#endif
}

static inline void rewind_block(Block *block) {
    block->at = 0;
    block->word = 0;
    block->before = 0;
}

/* Walk an array on to the first document not before another: doubling steps, then halving. */
static inline void walk(Block *block, uint32_t low) {
    int32_t from = block->at, step = 1, to;
    if (from >= block->count || block->lows[from] >= low) return;
    while (from + step < block->count && block->lows[from + step] < low) {
        from += step;
        step *= 2;
    }
    to = from + step < block->count ? from + step : block->count;
    while (from + 1 < to) {
        int32_t middle = (from + to) / 2;
        if (block->lows[middle] < low) from = middle;
        else to = middle;
    }
    block->at = to;
}

/* Find the first document of an array not before another by its directory; hardly a branch. */
static inline int32_t shelved(const Block *block, uint32_t low) {
    int32_t from = block->shelves[low >> 8], to = block->shelves[(low >> 8) + 1];
    while (to - from > 8) {
        int32_t middle = (from + to) / 2;
        if (block->lows[middle] < low) from = middle + 1;
        else to = middle;
    }
    if (from > block->count - 8) from = block->count - 8;
    return from + before_of_eight(block->lows + from, low);
}

/* Tell whether a block has a document; documents must come in ascending order. */
static inline int has(Block *block, uint32_t low) {
    if (block->bits) return has_bit(block->bits, low);
    if (block->shelves) block->at = shelved(block, low);
    else walk(block, low);
    return block->at < block->count && block->lows[block->at] == low;
}

/* Give the place in the block of a document that `has` just found. */
static inline int32_t place_of(Block *block, uint32_t low) {
    int32_t place = block->bits ? rank_of(block, low) : block->at;
    return place < block->count ? place : block->count - 1;
}

/* Find a posting among the rare ones of its block; -1 where it is not. */
int64_t rare_of(const Field *field, uint32_t posting, uint32_t low, uint32_t high);

/* Give the weighted frequency of a posting by its place; 0 where the file lies. */
static inline int weighted_tf(const Block *block, int32_t place) {
    uint32_t posting = block->first + (uint32_t)place;
    int code = nibble(block->field, posting);
    if (code != RARE) return WEIGHTED[code];
    int64_t at = rare_of(block->field, posting, block->rare, block->rare_end);
    if (at < 0) return 0;
    uint64_t tf = block->field->rare_tf[at] + 2 * (uint64_t)block->field->rare_title[at];
    return tf > LARGEST ? LARGEST : (int)tf;
}

/* Give the range of a term's blocks. */
int blocks_of(const Field *field, int64_t term, int64_t *first, int64_t *last);

/* Give the number of a block's chunk. */
static inline uint32_t chunk_of(const Field *field, int64_t block) {
    return field->lists ? field->chunks[block] : 0;
}

/* Open a block: its place in the arrays is checked, its documents and frequencies are not. */
int open_block(const Field *field, int64_t number, Block *block);

/* List the documents of a rack, which is checked, but for their order: room for SHELF_ROOM more. */
int list_rack(const Rack *rack, int32_t count, uint16_t *lows);

/* Open a block, and list a rack's documents in some room. */
int open_listed(const Field *field, int64_t number, uint16_t room[SPARSE + SHELF_ROOM], Block *block);

/* Find the part of the rare frequencies that is the block's: worth it where it is read often. */
void narrow_rare(Block *block);

/* Check every posting of a block, and say what each is worth: room for `count` impacts. */
int check_block(Block *block, const Scale *scale, float *impacts);

/* Say how often a posting's term stands in title and body; 0 where the file lies. */
int64_t plain_tf(const Block *block, uint32_t posting);

/* Say how often a posting's term stands in titles that weigh more. */
int title_tf(const Block *block, uint32_t posting);

/* Find the positions of a posting of a block; they lie inside the field's. */
int locate(const Block *block, uint32_t posting, Place *place);

/* Unpack the next of a posting's positions that was located. */
static inline void unpack(const Field *field, Place *place, uint32_t count, uint32_t *positions) {
    uint64_t bit = place->bit, mask = ((uint64_t)1 << place->width) - 1;
    uint32_t last = place->last;
    for (uint32_t i = 0; i < count; i++, bit += (uint64_t)place->width) {
        uint64_t word;
        memcpy(&word, field->positions + (bit >> 3), sizeof word);
        positions[i] = last += (uint32_t)(word >> (bit & 7) & mask);
    }
    place->bit = bit;
    place->last = last;
}

#endif
