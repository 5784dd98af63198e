#include "_search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PATIENCE 32768 /* steps between two looks at the clock */
#define GALLOPING 12   /* lists that differ more in length are not merged */

/* ---- time and memory ------------------------------------------------------------------------ */

int late(Clock *clock, int64_t work) {
    struct timespec now;
    clock->steps += work;
    if (clock->steps < PATIENCE) return 0;
    clock->steps = 0;
    if (clock->deadline == INFINITY) return 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return !((double)now.tv_sec + (double)now.tv_nsec * 1e-9 <= clock->deadline);
}

void *page(Pool *pool) {
    if (pool->used == pool->count) {
        if (pool->count == pool->room) {
            int64_t room = pool->room ? 2 * pool->room : 8;
            void **grown = realloc(pool->pages, (size_t)room * sizeof(void *));
            if (!grown) return NULL;
            pool->pages = grown;
            pool->room = room;
        }
        void *fresh = calloc(1, pool->size);
        if (!fresh) return NULL;
        pool->pages[pool->count++] = fresh;
    }
    return pool->pages[pool->used++];
}

Workspace *new_workspace(void) {
    Workspace *space = calloc(1, sizeof *space);
    if (!space) return NULL;
    space->bitmaps.size = WORDS * sizeof(uint64_t);
    space->arrays.size = CHUNK * sizeof(uint16_t);
    space->lists.size = (CHUNK + 1) * sizeof(uint16_t);
    space->bytes.size = CHUNK;
    space->scores.size = CHUNK * sizeof(float);
    return space;
}

static void free_pool(Pool *pool) {
    for (int64_t i = 0; i < pool->count; i++) free(pool->pages[i]);
    free(pool->pages);
}

void free_workspace(Workspace *space) {
    if (!space) return;
    free_pool(&space->bitmaps);
    free_pool(&space->arrays);
    free_pool(&space->lists);
    free_pool(&space->bytes);
    free_pool(&space->scores);
    free(space->positions);
    free(space->kept);
    free(space);
}

void open_scale(const Segment *segment, uint32_t chunk, Scale *scale) {
    int64_t left = segment->size - (int64_t)chunk * CHUNK;
    scale->table = segment->table;
    scale->lengths =
        left < CHUNK ? segment->last_lengths : segment->lengths + (int64_t)chunk * CHUNK;
    scale->size = left < CHUNK ? (int32_t)left : CHUNK;
}

/* ---- operands of one chunk ------------------------------------------------------------------ */

const Block *block_in(const Term *term, uint32_t chunk) {
    int64_t low = 0, high = term->count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (term->blocks[middle].chunk < chunk) low = middle + 1;
        else high = middle;
    }
    return low < term->count && term->blocks[low].chunk == chunk ? &term->blocks[low] : NULL;
}

static int open_word(Search *search, Node *node) {
    static const uint16_t nothing[1];
    const Block *block = node->term ? block_in(node->term, search->chunk) : NULL;
    if (block) node->block = *block;
    else node->block = (Block){.lows = nothing};
    node->bound = (double)(node->weight * node->block.bound);
    node->size = node->block.count;
    return FINE;
}

uint64_t *empty_bitmap(Search *search) {
    uint64_t *bits = page(&search->space->bitmaps);
    return bits ? memset(bits, 0, (size_t)search->words * sizeof(uint64_t)) : NULL;
}

/* Give a node an empty bitmap, and room for scores if it has any. */
static int clear(Search *search, Node *node, int scored) {
    node->bits = empty_bitmap(search);
    node->scores = scored ? page(&search->space->scores) : NULL;
    node->lows = NULL;
    node->size = 0;
    node->bound = 0;
    return node->bits && (node->scores || !scored) ? FINE : NO_MEMORY;
}

static inline void put(Node *node, uint32_t low, float score) {
    set_bit(node->bits, low);
    node->scores[low] = score;
    if (score > node->bound) node->bound = score;
}

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

static int take_tf(Tally *tally, uint32_t low) {
    int tf = tally->tfs[low];
    tally->tfs[low] = 0;
    return tf;
}

static int spoilt(Tally *tally, int status) {
    memset(tally->tfs, 0, CHUNK);
    return status;
}

/* Add up the frequencies of a block, whose postings may lie outside of the chunk. */
static int add_block(const Block *block, int32_t size, Tally *tally) {
    int32_t place = 0, last = -1, lame = 0;
    if (block->lows) {
        for (; place < block->count; place++) {
            int32_t low = block->lows[place], tf = weighted_tf(block, place);
            last = low > last ? low : last;
            lame |= tf == 0;
            add_tf(tally, (uint32_t)low, tf);
        }
        return lame || last >= size ? DAMAGED : FINE;
    }
    for (uint32_t word = 0; word < WORDS; word++)
        for (uint64_t left = block->bits[word]; left; left &= left - 1, place++) {
            uint32_t low = word * 64 + (uint32_t)__builtin_ctzll(left);
            if (place >= block->count || (int32_t)low >= size) return DAMAGED;
            int tf = weighted_tf(block, place);
            if (!tf) return DAMAGED;
            add_tf(tally, low, tf);
        }
    return place == block->count ? FINE : DAMAGED;
}

static int add_term(Search *search, const Field *field, int64_t number, Tally *tally) {
    int64_t first, last;
    Block block;
    int status = blocks_of(field, number, &first, &last);
    for (int64_t at = first; at < last && !status; at++) {
        if (chunk_of(field, at) != search->chunk) continue;
        if (late(&search->clock, 1)) return LATE;
        status = open_block(field, at, &block);
        if (!status) status = add_block(&block, search->scale.size, tally);
        search->clock.steps += block.count;
    }
    return status;
}

static int open_wide(Search *search, Node *node) {
    int status = clear(search, node, 1);
    Tally tally = {page(&search->space->bytes), page(&search->space->lists), 0};
    if (status || !tally.tfs || !tally.lows) return NO_MEMORY;
    for (int64_t i = 0; i < node->part_count && !status; i++) {
        const Part *part = &node->parts[i];
        for (int64_t number = part->low; number < part->high && !status; number++)
            status = add_term(search, part->field, part->numbers ? part->numbers[number] : number,
                              &tally);
    }
    if (status) return spoilt(&tally, status);
    node->lows = tally.lows;
    node->size = tally.count;
    for (int32_t i = 0; i < node->size; i++) {
        uint32_t low = node->lows[i];
        put(node, low, impact(search, node->weight, take_tf(&tally, low), low));
    }
    return FINE;
}

/* Count the occurrences in a title that is the beginning of the text. */
static int in_made_title(Search *search, const Block *block, uint32_t posting, int32_t tokens,
                         uint32_t *count) {
    Place place;
    uint32_t some[64];
    if (locate(block, posting, &place)) return DAMAGED;
    while (place.count && tokens > 0) {
        uint32_t part = place.count < 64 ? place.count : 64;
        unpack(block->field, &place, part, some);
        for (uint32_t i = 0; i < part; i++) {
            if (some[i] >= (uint32_t)tokens) return FINE;
            ++*count;
        }
        place.count -= part;
        if (late(&search->clock, part)) return LATE;
    }
    return FINE;
}

static int add_titled(Search *search, Node *node, Block *block, uint32_t low, uint32_t *counts) {
    uint32_t doc = search->base + low, posting, count;
    if ((int32_t)low >= search->scale.size) return DAMAGED;
    posting = block->first + (uint32_t)place_of(block, low);
    count = (uint32_t)title_tf(block, posting);
    if (!count && search->segment->title_made[doc]) {
        int32_t tokens = search->segment->title_tokens[doc];
        int status = in_made_title(search, block, posting, tokens, &count);
        if (status) return status;
    }
    if (!count) return FINE;
    if (has_bit(node->bits, low)) count += counts[low];
    else set_bit(node->bits, low);
    counts[low] = count > LARGEST ? LARGEST : count;
    return FINE;
}

static int add_title(Search *search, Node *node, Block *block, uint32_t *counts) {
    int status = FINE;
    if (late(&search->clock, block->count)) return LATE;
    if (block->lows) {
        for (block->at = 0; block->at < block->count && !status; block->at++)
            status = add_titled(search, node, block, block->lows[block->at], counts);
        return status;
    }
    for (uint32_t word = 0; word < WORDS; word++)
        for (uint64_t bits = block->bits[word]; bits && !status; bits &= bits - 1)
            status = add_titled(search, node, block,
                                word * 64 + (uint32_t)__builtin_ctzll(bits), counts);
    return status;
}

/* A word in titles: an occurrence counts thrice, but once in a title made from the text. */
static int open_title(Search *search, Node *node) {
    uint32_t *counts = page(&search->space->scores);
    int status = counts ? clear(search, node, 1) : NO_MEMORY;
    for (int64_t i = 0; i < node->term_count && !status; i++) {
        const Block *known = block_in(node->terms[i], search->chunk);
        if (!known) continue;
        Block block = *known;
        status = add_title(search, node, &block, counts);
    }
    for (uint32_t word = 0; word < (uint32_t)search->words && !status; word++)
        for (uint64_t bits = node->bits[word]; bits; bits &= bits - 1, node->size++) {
            uint32_t low = word * 64 + (uint32_t)__builtin_ctzll(bits);
            int made = search->segment->title_made[search->base + low] != 0;
            put(node, low, impact(search, node->weight, (int64_t)counts[low] * (made ? 1 : 3), low));
        }
    return status;
}

static int values_of(const Column *column, int64_t doc, int64_t *first, int64_t *last) {
    *first = column->starts ? column->starts[doc] : doc;
    *last = column->starts ? column->starts[doc + 1] : doc + 1;
    return *first < 0 || *last < *first || *last > column->count ? DAMAGED : FINE;
}

static int open_value(Search *search, Node *node) {
    const Value *value = &node->values[search->number];
    int64_t first, last;
    if (clear(search, node, 0)) return NO_MEMORY;
    if (!value->column.ordinals) return FINE;
    if (late(&search->clock, search->scale.size)) return LATE;
    for (int32_t low = 0; low < search->scale.size; low++) {
        if (values_of(&value->column, (int64_t)search->base + low, &first, &last)) return DAMAGED;
        for (; first < last; first++)
            if (value->column.ordinals[first] == value->ordinal) {
                node->size += !has_bit(node->bits, (uint32_t)low);
                set_bit(node->bits, (uint32_t)low);
            }
    }
    return FINE;
}

/* The part of a finished set that lies in the chunk; its documents ascend. */
static int open_set(Search *search, Node *node) {
    int32_t begin = number_of(search, 0);
    int64_t end = (int64_t)begin + search->scale.size;
    if (clear(search, node, node->given != NULL)) return NO_MEMORY;
    while (node->doc_at < node->doc_count && node->docs[node->doc_at] < begin) node->doc_at++;
    for (; node->doc_at < node->doc_count && node->docs[node->doc_at] < end; node->doc_at++) {
        int64_t low = (int64_t)node->docs[node->doc_at] - begin;
        if (low < 0 || has_bit(node->bits, (uint32_t)low)) return DAMAGED;
        set_bit(node->bits, (uint32_t)low);
        if (node->given) put(node, (uint32_t)low, node->given[node->doc_at]);
        node->size++;
    }
    return FINE;
}

/* ---- unions of terms, made once ------------------------------------------------------------- */

/* What a block keeps in memory of its own; words of 64 bits come first. */
typedef struct {
    uint64_t *bits;
    uint16_t *ranks, *lows;
    float *impacts;
    Champion *best;
} Own;

/* Give a block memory for impacts and champions; if asked for a bitmap, for an array. */
static int own_memory(Block *block, int mapped, int listed, Own *own) {
    size_t bitmap = mapped ? WORDS * sizeof(uint64_t) + RANKS * sizeof(uint16_t) : 0;
    size_t worth = (size_t)block->count * sizeof(float);
    size_t best = (size_t)(block->count < CHAMPIONS ? block->count : CHAMPIONS) * sizeof(Champion);
    uint8_t *memory = malloc(bitmap + worth + best + (listed ? (size_t)block->count * 2 : 0) + 1);
    if (!memory) return NO_MEMORY;
    block->own = memory;
    own->bits = (uint64_t *)memory;
    own->ranks = (uint16_t *)(memory + WORDS * sizeof(uint64_t));
    own->impacts = (float *)(memory + bitmap);
    own->best = (Champion *)(memory + bitmap + worth);
    own->lows = (uint16_t *)(memory + bitmap + worth + best);
    block->impacts = own->impacts;
    return FINE;
}

/* Make a block's bitmap out of its array, or take one; count its ranks. */
static void map_block(Block *block, const uint64_t *bits, Own *own) {
    int32_t rank = 0;
    if (bits) memcpy(own->bits, bits, WORDS * sizeof(uint64_t));
    else {
        memset(own->bits, 0, WORDS * sizeof(uint64_t));
        for (int32_t i = 0; i < block->count; i++) set_bit(own->bits, block->lows[i]);
    }
    for (int word = 0; word < WORDS; word++) {
        if (word % 8 == 0) own->ranks[word / 8] = (uint16_t)rank;
        rank += popcount(own->bits[word]);
    }
    block->bits = own->bits;
    block->ranks = own->ranks;
}

static int make_block(const Segment *segment, Block *block) {
    Scale scale;
    Own own;
    int mapped = block->lows && block->count >= MAPPED;
    if (own_memory(block, mapped, 0, &own)) return NO_MEMORY;
    open_scale(segment, block->chunk, &scale);
    narrow_rare(block);
    if (check_block(block, &scale, own.impacts)) return DAMAGED;
    if (mapped) map_block(block, NULL, &own);
    choose_champions(block, own.best);
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
    block->count = tally->count;
    int listed = block->count <= SPARSE, mapped = block->count >= MAPPED;
    if (own_memory(block, mapped, listed, &own)) return NO_MEMORY;
    memset(bits, 0, WORDS * sizeof(uint64_t));
    for (int32_t i = 0; i < tally->count; i++) set_bit(bits, tally->lows[i]);
    for (uint32_t word = 0; word < WORDS; word++)
        for (uint64_t left = bits[word]; left; left &= left - 1, place++) {
            uint32_t low = word * 64 + (uint32_t)__builtin_ctzll(left);
            own.impacts[place] = scale->table[take_tf(tally, low) << 8 | scale->lengths[low]];
            if (listed) own.lows[place] = (uint16_t)low;
        }
    block->lows = listed ? own.lows : NULL;
    if (mapped) map_block(block, bits, &own);
    choose_champions(block, own.best);
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

void drop_term(Term *term) {
    for (int64_t i = 0; term->blocks && i < term->count; i++) free(term->blocks[i].own);
    free(term->blocks);
}

/* ---- what needs no opening ------------------------------------------------------------------ */

static int absent(const Search *search, const Node *node);

static int any_absent(const Search *search, const Node *nodes, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        if (absent(search, &nodes[i])) return 1;
    return 0;
}

static int all_absent(const Search *search, const Node *nodes, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        if (!absent(search, &nodes[i])) return 0;
    return 1;
}

/* Tell whether it is plain that a node has no document in the chunk. */
static int absent(const Search *search, const Node *node) {
    switch (node->kind) {
    case WORD: return !node->term || !block_in(node->term, search->chunk);
    case WIDE: return !node->part_count;
    case TITLE: return !node->term_count;
    case SPANS:
    case ALL: return any_absent(search, node->must, node->must_count);
    case VALUE: return !node->values[search->number].column.ordinals;
    case SET: return node->doc_at == node->doc_count;
    default: return all_absent(search, node->should, node->should_count);
    }
}

static void open_nothing(Node *node) {
    static const uint64_t nothing[WORDS];
    node->bits = (uint64_t *)(uintptr_t)nothing;
    node->scores = NULL;
    node->lows = NULL;
    node->size = 0;
    node->bound = 0;
}

/* ---- branches ------------------------------------------------------------------------------- */

static int open_nodes(Search *search, Node *nodes, int64_t count) {
    int status = FINE;
    for (int64_t i = 0; i < count && !status; i++) status = open_node(search, &nodes[i]);
    return status;
}

static int open_children(Search *search, Node *node) {
    int status = open_nodes(search, node->must, node->must_count);
    if (!status) status = open_nodes(search, node->should, node->should_count);
    return status ? status : open_nodes(search, node->without, node->without_count);
}

/* Score all matches of a branch inside another one. */
static int open_all(Search *search, Node *node) {
    uint16_t *lows;
    int32_t count;
    int status = open_children(search, node);
    if (!status) status = matches_of_all(search, node, &lows, &count);
    if (!status) status = clear(search, node, 1);
    if (status) return status;
    node->size = count;
    for (int64_t i = 0; i < node->must_count; i++) rewind_block(&node->must[i].block);
    for (int32_t i = 0; i < count; i++) {
        float score = 0, part;
        if (late(&search->clock, node->must_count + node->should_count)) return LATE;
        for (int64_t j = 0; j < node->must_count; j++)
            if (contributes(&node->must[j], lows[i], &part)) score += part;
        for (int64_t j = 0; j < node->should_count; j++)
            if (contributes(&node->should[j], lows[i], &part)) score += part;
        put(node, lows[i], score);
    }
    return FINE;
}

/* Add the scores of one child of a branch of any, or take them where they are better. */
static int add_child(Search *search, Node *node, Node *child) {
    uint64_t *bits = empty_bitmap(search);
    if (!bits) return NO_MEMORY;
    unite(search, child, bits);
    search->space->bitmaps.used--;
    if (late(&search->clock, search->words + child->size)) return LATE;
    for (uint32_t word = 0; word < (uint32_t)search->words; word++)
        for (uint64_t left = bits[word]; left; left &= left - 1) {
            uint32_t low = word * 64 + (uint32_t)__builtin_ctzll(left);
            float score = 0;
            contributes(child, low, &score);
            if (has_bit(node->bits, low)) {
                float own = node->scores[low];
                score = node->kind != BEST ? own + score : own > score ? own : score;
            }
            put(node, low, score);
        }
    return FINE;
}

static int open_any(Search *search, Node *node) {
    int status = open_children(search, node);
    if (!status) status = clear(search, node, 1);
    for (int64_t i = 0; i < node->should_count && !status; i++)
        status = add_child(search, node, &node->should[i]);
    for (int word = 0; word < search->words && !status; word++)
        node->size += popcount(node->bits[word]);
    return status;
}

int open_node(Search *search, Node *node) {
    if (node->kind != WORD && absent(search, node)) {
        open_nothing(node);
        return FINE;
    }
    switch (node->kind) {
    case WORD: return open_word(search, node);
    case WIDE: return open_wide(search, node);
    case TITLE: return open_title(search, node);
    case SPANS: return open_spans(search, node);
    case VALUE: return open_value(search, node);
    case SET: return open_set(search, node);
    case ALL: return open_all(search, node);
    default: return open_any(search, node);
    }
}

/* ---- sets of documents ---------------------------------------------------------------------- */

void unite(const Search *search, const Node *node, uint64_t *bits) {
    if (node->kind != WORD) {
        for (int word = 0; word < search->words; word++) bits[word] |= node->bits[word];
        return;
    }
    const Block *block = &node->block;
    if (block->bits)
        for (int word = 0; word < search->words; word++) bits[word] |= block->bits[word];
    else
        for (int32_t i = 0; i < block->count; i++) set_bit(bits, block->lows[i]);
}

int32_t extract(const Search *search, const uint64_t *bits, uint16_t *lows) {
    int32_t count = 0;
    for (uint32_t word = 0; word < (uint32_t)search->words; word++)
        for (uint64_t left = bits[word]; left; left &= left - 1)
            lows[count++] = (uint16_t)(word * 64 + (uint32_t)__builtin_ctzll(left));
    return count;
}

/* Give the bitmap of an operand that has one. */
static const uint64_t *bitmap_of(const Node *node) {
    return node->kind == WORD ? node->block.bits : node->bits;
}

static int32_t merged(const uint16_t *lows, int32_t count, const Block *block, uint16_t *kept) {
    int32_t found = 0, i = 0, j = 0;
    while (i < count && j < block->count) {
        uint16_t one = lows[i], two = block->lows[j];
        kept[found] = one;
        found += one == two;
        i += one <= two;
        j += two <= one;
    }
    return found;
}

/* Keep the documents that an operand has, or those it has not; `kept` may be `lows`. */
static int32_t filtered(Node *node, int wanted, const uint16_t *lows, int32_t count,
                        uint16_t *kept) {
    const uint64_t *bits = bitmap_of(node);
    int32_t found = 0;
    if (!bits && wanted && node->block.count / GALLOPING < count)
        return merged(lows, count, &node->block, kept);
    if (!bits) rewind_block(&node->block);
    for (int32_t i = 0; i < count; i++) {
        uint16_t low = lows[i];
        kept[found] = low;
        found += (bits ? has_bit(bits, low) : has(&node->block, low)) == wanted;
    }
    return found;
}

static void smallest_first(Node *operands, int64_t count, Node **order) {
    for (int64_t i = 0; i < count; i++) {
        int64_t j = i;
        for (; j > 0 && order[j - 1]->size > operands[i].size; j--) order[j] = order[j - 1];
        order[j] = &operands[i];
        operands[i].done = 0;
    }
}

/* List what the first operand has, together with those that are bitmaps like it. */
static int begin(Search *search, Node **order, int64_t count, uint16_t **lows, int32_t *found) {
    Node *first = order[0];
    first->done = 1;
    if (first->kind == WORD && first->block.lows) {
        *lows = (uint16_t *)(uintptr_t)first->block.lows;
        *found = first->block.count;
        return FINE;
    }
    uint64_t *bits = empty_bitmap(search);
    uint16_t *array = page(&search->space->arrays);
    if (!bits || !array) return NO_MEMORY;
    unite(search, first, bits);
    for (int64_t i = 1; i < count; i++) {
        const uint64_t *other = bitmap_of(order[i]);
        if (!other) continue;
        order[i]->done = 1;
        for (int word = 0; word < search->words; word++) bits[word] &= other[word];
    }
    *lows = array;
    *found = extract(search, bits, array);
    return FINE;
}

int conjunction(Search *search, Node *operands, int64_t count, Node **order, uint16_t **lows,
                int32_t *found) {
    uint16_t *kept = page(&search->space->arrays);
    if (!kept) return NO_MEMORY;
    smallest_first(operands, count, order);
    *lows = kept;
    int status = begin(search, order, count, lows, found);
    if (status) return status;
    for (int64_t i = 1; i < count && *found; i++) {
        if (order[i]->done) continue;
        if (late(&search->clock, *found)) return LATE;
        *found = filtered(order[i], 1, *lows, *found, kept);
        *lows = kept;
    }
    return FINE;
}

static int all_documents(Search *search, uint16_t **lows, int32_t *found) {
    *lows = page(&search->space->arrays);
    if (!*lows) return NO_MEMORY;
    *found = search->scale.size;
    if (late(&search->clock, *found)) return LATE;
    for (int32_t low = 0; low < *found; low++) (*lows)[low] = (uint16_t)low;
    return FINE;
}

static int within_days(Search *search, const Node *node, uint16_t *kept, uint16_t **lows,
                       int32_t *found) {
    const int32_t *first = search->segment->first_day + search->base;
    const int32_t *last = search->segment->last_day + search->base;
    int32_t passed = 0;
    for (int32_t i = 0; i < *found; i++) {
        uint16_t low = (*lows)[i];
        if ((int32_t)low >= search->scale.size) return DAMAGED;
        kept[passed] = low;
        passed += first[low] != UNDATED && first[low] >= node->first_day &&
                  last[low] <= node->last_day;
    }
    *lows = kept;
    *found = passed;
    return FINE;
}

int matches_of_all(Search *search, Node *node, uint16_t **lows, int32_t *found) {
    uint16_t *kept = page(&search->space->arrays);
    int status = kept ? FINE : NO_MEMORY;
    if (!status)
        status = node->must_count ? conjunction(search, node->must, node->must_count, node->order,
                                                lows, found)
                                  : all_documents(search, lows, found);
    if (!status && node->dated) status = within_days(search, node, kept, lows, found);
    for (int64_t i = 0; i < node->without_count && !status; i++) {
        if (late(&search->clock, *found)) return LATE;
        *found = filtered(&node->without[i], 0, *lows, *found, kept);
        *lows = kept;
    }
    return status;
}

/* ---- the root ------------------------------------------------------------------------------- */

static int count_facets(Search *search, const uint16_t *lows, int32_t count) {
    int64_t first, last;
    for (int64_t i = 0; i < search->facet_count; i++) {
        Facet *facet = &search->facets[i];
        const Column *column = &facet->columns[search->number];
        if (late(&search->clock, count)) return LATE;
        for (int32_t j = 0; j < count && column->ordinals; j++) {
            if ((int32_t)lows[j] >= search->scale.size) return DAMAGED;
            int64_t doc = (int64_t)search->base + lows[j];
            if (values_of(column, doc, &first, &last)) return DAMAGED;
            for (; first < last; first++) {
                int64_t number = column->ordinals[first];
                if (number == -1) continue;
                if (number < 0 || number >= column->values) return DAMAGED;
                if (column->numbers) number = column->numbers[number];
                if (number < 0 || number >= facet->values) return DAMAGED;
                facet->counts[number]++;
            }
        }
    }
    return FINE;
}

static int32_t living(Search *search, uint16_t **lows, int32_t count, uint16_t *kept) {
    int32_t found = 0;
    if (!search->dead) return count;
    for (int32_t i = 0; i < count; i++) {
        kept[found] = (*lows)[i];
        found += !has_bit(search->dead, (*lows)[i]);
    }
    *lows = kept;
    return found;
}

static int all_of_chunk(Search *search) {
    Node *root = search->root;
    uint16_t *lows, *kept = page(&search->space->arrays);
    int32_t count;
    int status = kept ? matches_of_all(search, root, &lows, &count) : NO_MEMORY;
    if (status) return status;
    count = living(search, &lows, count, kept);
    search->total += count;
    status = count_facets(search, lows, count);
    if (!status) status = rank_rows(search, lows, count);
    return status;
}

/* A union that is not ranked by bounds: all of it, by document. */
static int rows_of_any(Search *search, uint16_t **lows, int32_t *count) {
    Node *root = search->root;
    uint64_t *seen = empty_bitmap(search);
    uint16_t *kept = page(&search->space->arrays);
    if (!seen || !kept) return NO_MEMORY;
    if (root->should_count == 1) {
        int status = conjunction(search, root->should, 1, root->order, lows, count);
        *count = status ? 0 : living(search, lows, *count, kept);
        return status;
    }
    for (int64_t i = 0; i < root->should_count; i++) unite(search, &root->should[i], seen);
    *lows = kept;
    *count = living(search, lows, extract(search, seen, kept), kept);
    return FINE;
}

static int any_of_chunk(Search *search) {
    uint16_t *lows;
    int32_t count;
    int by_rows = search->order || search->wanted < 0 || search->root->kind == BEST;
    int status = FINE;
    if (!by_rows && !search->facet_count) {
        uint64_t *seen = empty_bitmap(search);
        status = seen ? rank_union(search, seen, &count) : NO_MEMORY;
        if (!status) search->total += count;
        return status;
    }
    status = rows_of_any(search, &lows, &count);
    if (status) return status;
    search->total += count;
    status = count_facets(search, lows, count);
    if (status || by_rows) return status ? status : rank_rows(search, lows, count);
    uint64_t *seen = empty_bitmap(search);
    return seen ? rank_union(search, seen, &count) : NO_MEMORY;
}

static void reset(Workspace *space) {
    space->bitmaps.used = space->arrays.used = space->lists.used = space->bytes.used = space->scores.used = 0;
}

/* ---- segments and chunks -------------------------------------------------------------------- */

static void enter(Node *node, int64_t number);

static void enter_nodes(Node *nodes, int64_t count, int64_t number) {
    for (int64_t i = 0; i < count; i++) enter(&nodes[i], number);
}

/* Find what a node is in a segment. */
static void enter(Node *node, int64_t number) {
    if (node->every_term) node->term = node->every_term[number];
    if (node->starts) {
        int64_t start = node->starts[number], count = node->starts[number + 1] - start;
        if (node->every_list) {
            node->terms = node->every_list + start;
            node->term_count = count;
        } else {
            node->parts = node->every_part + start;
            node->part_count = count;
        }
    }
    enter_nodes(node->must, node->must_count, number);
    enter_nodes(node->should, node->should_count, number);
    enter_nodes(node->without, node->without_count, number);
}

static int run_chunk(Search *search) {
    if (late(&search->clock, search->words)) return LATE;
    if (absent(search, search->root)) return FINE;
    int status = open_children(search, search->root);
    if (!status) status = search->root->kind == ALL ? all_of_chunk(search) : any_of_chunk(search);
    return !status && search->order ? score_kept(search) : status;
}

static int run_segment(Search *search) {
    const Segment *segment = search->segment;
    int32_t chunks = chunks_of(segment);
    int status = FINE;
    for (int32_t chunk = 0; chunk < chunks && !status; chunk++) {
        search->chunk = (uint32_t)chunk;
        search->base = (uint32_t)chunk * CHUNK;
        search->dead = segment->dead ? segment->dead + (int64_t)chunk * WORDS : NULL;
        open_scale(segment, search->chunk, &search->scale);
        search->words = (search->scale.size + 63) / 64;
        reset(search->space);
        status = run_chunk(search);
    }
    return status;
}

int run(Search *search) {
    int status = FINE;
    search->clock.steps = PATIENCE;
    search->floor = search->collecting && !search->order ? -search->after_key : -INFINITY;
    for (int64_t number = 0; number < search->segment_count && !status; number++) {
        search->number = number;
        search->segment = search->segments[number];
        enter(search->root, number);
        status = run_segment(search);
        search->before += (int32_t)search->segment->size;
    }
    return status;
}
