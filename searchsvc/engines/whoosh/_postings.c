#include "_postings.h"
#include "_weighing.h"

#include <string.h>

#ifdef __SSSE3__
#include <tmmintrin.h>
#endif

const uint8_t WEIGHTED[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 3, 4, 5, 6, 7, 8, 0};
static const uint8_t TF[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 0};

static int64_t lower_bound(const uint32_t *values, int64_t low, int64_t high, uint32_t wanted) {
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (values[middle] < wanted) low = middle + 1;
        else high = middle;
    }
    return low;
}

int64_t rare_of(const Field *field, uint32_t posting, uint32_t low, uint32_t high) {
    int64_t at = lower_bound(field->rare_at, low, high, posting);
    return at < high && field->rare_at[at] == posting ? at : -1;
}

int blocks_of(const Field *field, int64_t term, int64_t *first, int64_t *last) {
    if (term < 0 || term >= field->terms) return DAMAGED;
    *first = field->lists ? field->lists[term] : term;
    *last = field->lists ? field->lists[term + 1] : term + 1;
    return *first <= *last && *last <= field->block_count ? FINE : DAMAGED;
}

/* Count the larger blocks before one. */
static int64_t large_before(const Field *field, int64_t number) {
    int64_t at = field->large_near[number / NEAR];
    while (at < field->large_count && field->large[at] < number) at++;
    return at < field->large_count ? at : field->large_count;
}

/* Open a block that is no array. */
static int open_large(const Field *field, int64_t at, Block *block) {
    int dense = block->count > SPARSE;
    int64_t begin = field->large_at[at], taken = RACK_WORDS + (block->count + 7) / 8;
    if (begin > field->word_count - (dense ? WORDS + RANKS / 4 : taken)) return DAMAGED;
    if (dense) {
        block->bits = field->words + begin;
        block->ranks = (const uint16_t *)(block->bits + WORDS);
    } else block->rack = (const Rack *)(field->words + begin);
    return FINE;
}

int open_block(const Field *field, int64_t number, Block *block) {
    int64_t first = field->blocks[number], last = field->blocks[number + 1];
    int64_t count = last - first;
    if (count < 0 || count > CHUNK || last > field->postings) return DAMAGED;
    memset(block, 0, sizeof *block);
    block->field = field;
    block->chunk = chunk_of(field, number);
    block->first = (uint32_t)first;
    block->count = (int32_t)count;
    block->rare_end = (uint32_t)field->rares;
    int64_t before = large_before(field, number);
    if (before < field->large_count && field->large[before] == number)
        return open_large(field, before, block);
    int64_t place = first - field->large_before[before];
    if (place < 0 || place > field->lows_count - count || count > SPARSE) return DAMAGED;
    block->lows = field->lows + place;
    return FINE;
}

int list_rack(const Rack *rack, int32_t count, uint16_t *lows) {
    int32_t place = 0;
    for (int32_t shelf = 0; shelf < SHELVES; shelf++) {
        int32_t size = rack->sizes[shelf], done = 0;
        if (shelf % RANKED == 0 && rack->ranks[shelf / RANKED] != place) return DAMAGED;
        if (size > count - place) return DAMAGED;
#ifdef __SSE2__
        const __m128i high = _mm_set1_epi8((char)shelf);
        do {
            __m128i some = _mm_loadu_si128((const __m128i *)(rack->bytes + place + done));
            __m128i *to = (__m128i *)(lows + place + done);
            _mm_storeu_si128(to, _mm_unpacklo_epi8(some, high));
            _mm_storeu_si128(to + 1, _mm_unpackhi_epi8(some, high));
        } while ((done += SHELF_ROOM) < size);
#else
        for (; done < size; done++)
            lows[place + done] = (uint16_t)(shelf << 8 | rack->bytes[place + done]);
#endif
        place += size;
    }
    return place == count ? FINE : DAMAGED;
}

int open_listed(const Field *field, int64_t number, uint16_t room[SPARSE + SHELF_ROOM], Block *block) {
    int status = open_block(field, number, block);
    if (status || !block->rack) return status;
    block->lows = room;
    return list_rack(block->rack, block->count, room);
}

void narrow_rare(Block *block) {
    const Field *field = block->field;
    uint32_t last = block->first + (uint32_t)block->count;
    block->rare = (uint32_t)lower_bound(field->rare_at, 0, field->rares, block->first);
    block->rare_end = (uint32_t)lower_bound(field->rare_at, block->rare, field->rares, last);
}

/* Compare the ranks that a bitmap has in the file. */
static int check_ranks(const Block *block) {
    int32_t rank = 0;
    for (uint32_t word = 0; word < WORDS; word++) {
        if (word % 8 == 0 && block->ranks[word / 8] != rank) return DAMAGED;
        rank += popcount(block->bits[word]);
    }
    return FINE;
}

static int ascend(const uint16_t *lows, int32_t count) {
    int32_t falls = 0;
    for (int32_t i = 1; i < count; i++) falls |= lows[i] <= lows[i - 1];
    return !falls;
}

int check_block(Block *block, const Scale *scale, float *impacts) {
    Reading reading;
    float bound = 0;
    int status = FINE;
    if (block->lows ? !ascend(block->lows, block->count) : check_ranks(block)) return DAMAGED;
    for (begin_reading(&reading, block); !(status = read_some(&reading)) && reading.count;) {
        if (largest(reading.lows, reading.count) >= scale->size) return DAMAGED;
        for (int32_t i = 0; i < reading.count; i++, impacts++) {
            *impacts = scale->table[reading.tfs[i] << 8 | scale->lengths[reading.lows[i]]];
            bound = *impacts > bound ? *impacts : bound;
        }
    }
    block->bound = bound;
    return status;
}

int64_t plain_tf(const Block *block, uint32_t posting) {
    int code = nibble(block->field, posting);
    if (code != RARE) return TF[code];
    int64_t at = rare_of(block->field, posting, block->rare, block->rare_end);
    return at < 0 ? 0 : block->field->rare_tf[at];
}

int title_tf(const Block *block, uint32_t posting) {
    int code = nibble(block->field, posting);
    if (code != RARE) return code >= 9;
    int64_t at = rare_of(block->field, posting, block->rare, block->rare_end);
    return at < 0 ? 0 : block->field->rare_title[at];
}

/* What is not before a posting of a frame, by halves of bytes: laid over its nibbles it makes them
 * rare, and those add nothing by themselves. */
static const uint8_t EVEN[FRAME] = {
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
static const uint8_t ODD[FRAME] = {
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
    0xF0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

#ifdef __SSSE3__

/* Add up the frequencies of a frame under a cover, and count those that are rare. */
static uint32_t sum_of(const uint8_t *pairs, const uint8_t *cover, uint32_t *rares) {
    const __m128i table = _mm_loadu_si128((const __m128i *)TF), low = _mm_set1_epi8(15);
    __m128i pair = _mm_or_si128(_mm_loadu_si128((const __m128i *)pairs),
                                _mm_loadu_si128((const __m128i *)cover));
    __m128i one = _mm_and_si128(pair, low), two = _mm_and_si128(_mm_srli_epi16(pair, 4), low);
    __m128i sums = _mm_add_epi8(_mm_shuffle_epi8(table, one), _mm_shuffle_epi8(table, two));
    *rares = (uint32_t)(popcount((uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(one, low))) +
                        popcount((uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(two, low))));
    sums = _mm_sad_epu8(sums, _mm_setzero_si128());
    return (uint32_t)(_mm_cvtsi128_si32(sums) + _mm_extract_epi16(sums, 4));
}

#else

static uint32_t sum_of(const uint8_t *pairs, const uint8_t *cover, uint32_t *rares) {
    uint32_t sum = 0;
    *rares = 0;
    for (int i = 0; i < FRAME / 2; i++) {
        uint8_t pair = pairs[i] | cover[i];
        sum += (uint32_t)TF[pair & 15] + TF[pair >> 4];
        *rares += (uint32_t)((pair & 15) == RARE) + (pair >> 4 == RARE);
    }
    return sum;
}

#endif

/* Count the positions of a frame's postings before one of them. */
static int positions_before(const Block *block, uint32_t posting, uint64_t *count) {
    const Field *field = block->field;
    uint32_t first = posting - posting % FRAME, before = posting % FRAME, rares;
    const uint8_t *pairs = field->freqs + first / 2;
    const uint8_t *cover = (before & 1 ? ODD : EVEN) + FRAME / 2 - before / 2;
    uint8_t last[FRAME / 2] = {0};
    if (first + FRAME > field->postings) {
        memcpy(last, pairs, ((size_t)field->postings - first + 1) / 2);
        pairs = last;
    }
    *count = sum_of(pairs, cover, &rares);
    rares -= FRAME - before;
    if (!rares) return FINE;
    int64_t at = first < block->first ? 0 : block->rare;
    at = lower_bound(field->rare_at, at, block->rare_end, first);
    for (; at < field->rares && field->rare_at[at] < posting; at++, rares--)
        *count += field->rare_tf[at];
    return rares ? DAMAGED : FINE;
}

/* What a word and what parts it take of the 64 MB that one file may have. */
#define MOST_POSITIONS (1u << 25)

int locate(const Block *block, uint32_t posting, Place *place) {
    const Field *field = block->field;
    uint64_t before, start;
    place->posting = posting;
    place->last = 0;
    place->count = TF[nibble(field, posting)];
    if (!place->count) place->count = (uint32_t)plain_tf(block, posting);
    if (place->count - 1 >= MOST_POSITIONS || positions_before(block, posting, &before)) return DAMAGED;
    start = field->frames[posting / FRAME];
    place->width = field->widths[posting / FRAME];
    if ((unsigned)place->width - 1 > 31) return DAMAGED;
    place->bit = start * 8 + before * (uint64_t)place->width;
    /* Both sums are below 2^40 times 32: nothing overflows. */
    uint64_t end = place->bit + place->count * (uint64_t)place->width;
    return end <= (uint64_t)(field->positions_size - MARGIN) * 8 ? FINE : DAMAGED;
}
