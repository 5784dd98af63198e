/* Posting lists as terms: checked once, with what each posting is worth; and unions of them. */

#include "_champions.h"
#include "_search.h"
#include "_tally.h"
#include "_weighing.h"

#include <stdlib.h>

#define SHORT 24 /* postings that are sooner read one by one */

void open_scale(const Segment *segment, uint32_t chunk, Scale *scale) {
    int64_t left = segment->size - (int64_t)chunk * CHUNK;
    scale->table = segment->table;
    scale->lengths =
        left < CHUNK ? segment->last_lengths : segment->lengths + (int64_t)chunk * CHUNK;
    scale->size = left < CHUNK ? (int32_t)left : CHUNK;
}

const Block *block_in(const Term *term, uint32_t chunk) {
    int64_t low = 0, high = term->count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (term->blocks[middle].chunk < chunk) low = middle + 1;
        else high = middle;
    }
    return low < term->count && term->blocks[low].chunk == chunk ? &term->blocks[low] : NULL;
}

/* The same for few postings, one by one. */
static int add_short(const Block *block, int32_t size, Tally *tally) {
    uint8_t tfs[SHORT];
    int lame = 0;
    for (int32_t i = 0; i < block->count; i++) {
        tfs[i] = (uint8_t)weighted_tf(block, i);
        lame |= tfs[i] == 0;
    }
    if (lame || largest(block->lows, block->count) >= size) return DAMAGED;
    add_tfs(tally, block->lows, tfs, block->count);
    return FINE;
}

int add_block(const Block *block, int32_t size, Tally *tally) {
    Reading reading;
    int status = FINE;
    if (block->lows && block->count < SHORT) return add_short(block, size, tally);
    for (begin_reading(&reading, block); !(status = read_some(&reading)) && reading.count;) {
        add_tfs(tally, reading.lows, reading.tfs, reading.count);
        if (largest(reading.lows, reading.count) >= size) return DAMAGED;
    }
    return status;
}

/* What a block keeps in memory of its own; words of 64 bits come first. */
typedef struct {
    uint64_t *bits;
    float *impacts;
    uint16_t *directory; /* ranks of a bitmap's words, or shelves of an array */
    uint16_t *lows;
} Own;

/* Give a block memory for impacts; if asked for a bitmap, for an array. */
static int own_memory(Block *block, int mapped, int listed, Own *own) {
    size_t bitmap = mapped ? WORDS * sizeof(uint64_t) : 0;
    size_t worth = (size_t)block->count * sizeof(float);
    size_t directory = block->count >= MAPPED     ? WORDS * sizeof(uint16_t)
                       : block->count >= DIRECTED ? (SHELVES + 1) * sizeof(uint16_t) : 0;
    size_t array = listed ? ((size_t)block->count + SHELF_ROOM) * sizeof(uint16_t) : 0;
    uint8_t *memory = malloc(bitmap + worth + directory + array + 1);
    if (!memory) return NO_MEMORY;
    block->own = memory;
    own->bits = (uint64_t *)memory;
    own->impacts = (float *)(memory + bitmap);
    own->directory = (uint16_t *)(memory + bitmap + worth);
    own->lows = (uint16_t *)(memory + bitmap + worth + directory);
    block->impacts = own->impacts;
    return give_champions(block);
}

/* Make a block's bitmap out of its array, or take one. */
static void map_block(Block *block, const uint64_t *bits, Own *own) {
    if (bits) memcpy(own->bits, bits, WORDS * sizeof(uint64_t));
    else {
        memset(own->bits, 0, WORDS * sizeof(uint64_t));
        for (int32_t i = 0; i < block->count; i++) set_bit(own->bits, block->lows[i]);
    }
    block->bits = own->bits;
}

/* Make what tells a document's place in a block: ranks of its bitmap's words, or a directory. */
static void direct_block(Block *block, Own *own) {
    int32_t count = 0;
    if (block->bits) {
        for (int word = 0; word < WORDS; word++) {
            own->directory[word] = (uint16_t)count;
            count += popcount(block->bits[word]);
        }
        block->fine = own->directory;
    } else if (block->count >= DIRECTED) {
        for (uint32_t shelf = 0; shelf <= SHELVES; shelf++) {
            while (count < block->count && block->lows[count] < shelf << 8) count++;
            own->directory[shelf] = (uint16_t)count;
        }
        block->shelves = own->directory;
    }
}

static int make_block(const Segment *segment, Block *block) {
    Scale scale;
    Own own;
    int mapped = !block->bits && block->count >= MAPPED;
    if (own_memory(block, mapped, block->rack != NULL, &own)) return NO_MEMORY;
    if (block->rack) {
        if (list_rack(block->rack, block->count, own.lows)) return DAMAGED;
        block->lows = own.lows;
    }
    open_scale(segment, block->chunk, &scale);
    narrow_rare(block);
    if (check_block(block, &scale, own.impacts)) return DAMAGED;
    if (mapped) map_block(block, NULL, &own);
    direct_block(block, &own);
    return FINE;
}

int make_term(const Segment *segment, int64_t first, Term *term) {
    for (int64_t i = 0; i < term->count; i++) {
        Block *block = &term->blocks[i];
        if (open_block(term->field, first + i, block)) return DAMAGED;
        if (block->chunk >= (uint32_t)chunks_of(segment)) return DAMAGED;
        if (i && block->chunk <= term->blocks[i - 1].chunk) return DAMAGED;
        int status = make_block(segment, block);
        if (status) return status;
        term->articles += block->count;
    }
    return FINE;
}

/* Lay a block out of what was tallied, in memory of its own. */
static int lay_out(const Scale *scale, Tally *tally, uint64_t *bits, Block *block) {
    int32_t place = 0;
    Own own;
    float bound = 0;
    block->count = tally->count;
    int listed = block->count <= SPARSE, mapped = block->count >= MAPPED;
    if (own_memory(block, mapped, listed, &own)) return NO_MEMORY;
    memset(bits, 0, WORDS * sizeof(uint64_t));
    for (int32_t i = 0; i < tally->count; i++) set_bit(bits, tally->lows[i]);
    for (uint32_t word = 0; word < WORDS; word++)
        for (uint64_t left = bits[word]; left; left &= left - 1, place++) {
            uint32_t low = word * 64 + (uint32_t)__builtin_ctzll(left);
            own.impacts[place] = scale->table[take_tf(tally, low) << 8 | scale->lengths[low]];
            bound = own.impacts[place] > bound ? own.impacts[place] : bound;
            if (listed) own.lows[place] = (uint16_t)low;
        }
    block->lows = listed ? own.lows : NULL;
    if (mapped) map_block(block, bits, &own);
    direct_block(block, &own);
    block->bound = bound;
    return FINE;
}

static int unite_chunk(const Segment *segment, const Term **terms, int64_t count, uint32_t chunk,
                       Tally *tally, uint64_t *bits, Term *made) {
    Scale scale;
    int found = 0;
    open_scale(segment, chunk, &scale);
    tally->count = 0;
    for (int64_t i = 0; i < count; i++) {
        const Block *block = block_in(terms[i], chunk);
        if (!block) continue;
        found = 1;
        if (add_block(block, scale.size, tally)) return spoilt(tally, DAMAGED);
    }
    if (!found) return FINE;
    Block *block = &made->blocks[made->count++];
    block->chunk = chunk;
    if (lay_out(&scale, tally, bits, block)) return spoilt(tally, NO_MEMORY);
    made->articles += block->count;
    return FINE;
}

int unite_terms(const Segment *segment, Workspace *space, const Term **terms, int64_t count,
                Term *made) {
    int32_t chunks = chunks_of(segment);
    uint64_t *bits = page(&space->bitmaps);
    Tally tally = {page(&space->bytes), page(&space->lists), 0};
    int status = bits && tally.tfs && tally.lows ? FINE : NO_MEMORY;
    made->blocks = calloc((size_t)chunks + 1, sizeof(Block));
    if (!made->blocks) return NO_MEMORY;
    for (int32_t chunk = 0; chunk < chunks && !status; chunk++)
        status = unite_chunk(segment, terms, count, (uint32_t)chunk, &tally, bits, made);
    return status;
}

/* Note what a word is worth in the documents that have it in the title: a query of one word adds both
 * up, and to look for the word in each of them takes longer than all else that it does. */
static int weigh_beside(const Term *whole, Block *block) {
    const Block *known = block_in(whole, block->chunk);
    Walk walk = {block, 0, 0};
    float *beside = malloc((size_t)block->count * sizeof(float) + 1);
    if (!beside) return NO_MEMORY;
    Block word = known ? *known : (Block){0};
    for (int32_t i = 0; i < block->count; i++) {
        uint32_t low = document_at(&walk, i);
        beside[i] = known && has(&word, low) ? word.impacts[place_of(&word, low)] : ABSENT;
    }
    block->beside = beside;
    return FINE;
}

static int title_chunk(Search *search, Node *node, Tally *tally, uint64_t *bits, Term *made) {
    uint32_t *counts = page(&search->space->scores);
    int status = counts ? count_titles(search, node, counts) : NO_MEMORY;
    if (status) return status;
    tally->count = 0;
    for (uint32_t word = 0; word < (uint32_t)search->words; word++)
        for (uint64_t left = node->bits[word]; left; left &= left - 1) {
            uint32_t low = word * 64 + (uint32_t)__builtin_ctzll(left);
            int64_t tf = titled_tf(search, counts, low);
            tally->lows[tally->count++] = (uint16_t)low;
            tally->tfs[low] = tf > LARGEST ? LARGEST : (uint8_t)tf;
        }
    if (!tally->count) return FINE;
    Block *block = &made->blocks[made->count++];
    block->chunk = search->chunk;
    if (lay_out(&search->scale, tally, bits, block)) return spoilt(tally, NO_MEMORY);
    made->articles += block->count;
    return made->whole ? weigh_beside(made->whole, block) : FINE;
}

int make_titled(Search *search, const Term **terms, int64_t count, Term *made) {
    const Segment *segment = search->segment;
    Workspace *space = search->space;
    Node node = {.kind = TITLE, .terms = terms, .term_count = count};
    int status = FINE;
    made->blocks = calloc((size_t)chunks_of(segment) + 1, sizeof(Block));
    if (!made->blocks) return NO_MEMORY;
    for (int32_t chunk = 0; chunk < chunks_of(segment) && !status; chunk++) {
        space->bitmaps.used = space->bytes.used = space->lists.used = space->scores.used = 0;
        uint64_t *bits = page(&space->bitmaps);
        Tally tally = {page(&space->bytes), page(&space->lists), 0};
        if (!bits || !tally.tfs || !tally.lows) return NO_MEMORY;
        search->chunk = (uint32_t)chunk;
        search->base = (uint32_t)chunk * CHUNK;
        open_scale(segment, search->chunk, &search->scale);
        search->words = (search->scale.size + 63) / 64;
        status = title_chunk(search, &node, &tally, bits, made);
    }
    return status;
}

void drop_term(Term *term) {
    for (int64_t i = 0; term->blocks && i < term->count; i++) {
        drop_champions(&term->blocks[i]);
        free((void *)(uintptr_t)term->blocks[i].beside);
        free(term->blocks[i].own);
    }
    free(term->blocks);
}
