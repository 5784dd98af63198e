/* Operands opened in a chunk: a word is its block, everything else a bitmap with scores. */

#include "_search.h"
#include "_tally.h"

int open_word(Search *search, Node *node) {
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

int clear(Search *search, Node *node, int scored) {
    node->bits = empty_bitmap(search);
    node->scores = scored ? page(&search->space->scores) : NULL;
    node->lows = NULL;
    node->listed = 0;
    node->size = 0;
    node->bound = 0;
    return node->bits && (node->scores || !scored) ? FINE : NO_MEMORY;
}

int clear_array(Search *search, Node *node) {
    int single = search->single && node == search->root->should;
    node->bits = single ? NULL : empty_bitmap(search);
    node->listed = single;
    node->scores = page(&search->space->scores);
    node->lows = page(&search->space->lists);
    node->size = 0;
    node->bound = 0;
    return (single || node->bits) && node->scores && node->lows ? FINE : NO_MEMORY;
}

static int add_term(Search *search, const Field *field, int64_t number, Tally *tally) {
    int64_t first, last;
    uint16_t room[SPARSE + SHELF_ROOM];
    Block block;
    int status = blocks_of(field, number, &first, &last);
    for (int64_t at = first; at < last && !status; at++) {
        if (chunk_of(field, at) != search->chunk) continue;
        if (late(&search->clock, 1)) return LATE;
        status = open_listed(field, at, room, &block);
        if (!status) status = add_block(&block, search->scale.size, tally);
        search->clock.steps += block.count;
    }
    return status;
}

/* Score what was tallied, and leave the tally nought. */
static void score_tally(const Search *search, Node *node, const Tally *tally) {
    const float *restrict table = search->scale.table;
    const uint8_t *restrict lengths = search->scale.lengths;
    const uint16_t *restrict lows = tally->lows;
    uint8_t *restrict tfs = tally->tfs;
    float *restrict scores = node->scores, weight = node->weight, bound = 0;
    for (int32_t i = 0; i < tally->count; i++) {
        uint16_t low = lows[i];
        float score = weight * table[tfs[low] << 8 | lengths[low]];
        tfs[low] = 0;
        scores[node->listed ? i : low] = score;
        bound = score > bound ? score : bound;
    }
    for (int32_t i = 0; i < tally->count && !node->listed; i++) set_bit(node->bits, lows[i]);
    node->size = tally->count;
    node->bound = bound;
}

int open_wide(Search *search, Node *node) {
    int status = clear_array(search, node);
    Tally tally = {page(&search->space->bytes), node->lows, 0};
    if (status || !tally.tfs) return NO_MEMORY;
    for (int64_t i = 0; i < node->part_count && !status; i++) {
        const Part *part = &node->parts[i];
        for (int64_t number = part->low; number < part->high && !status; number++)
            status = add_term(search, part->field, part->numbers ? part->numbers[number] : number,
                              &tally);
    }
    if (status) return spoilt(&tally, status);
    score_tally(search, node, &tally);
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

/* Count the occurrences in a document's title. */
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

/* The same for those of some documents, ascending, that a block has. */
static int add_title_among(Search *search, Node *node, Block *block, uint32_t *counts) {
    int status = FINE;
    if (late(&search->clock, search->among_count)) return LATE;
    for (int32_t i = 0; i < search->among_count && !status; i++)
        if (has(block, search->among[i]))
            status = add_titled(search, node, block, search->among[i], counts);
    return status;
}

static int add_title(Search *search, Node *node, Block *block, uint32_t *counts) {
    int status = FINE;
    if (search->among && search->among_count < block->count)
        return add_title_among(search, node, block, counts);
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

int count_titles(Search *search, Node *node, uint32_t *counts) {
    int status = clear(search, node, 1);
    for (int64_t i = 0; i < node->term_count && !status; i++) {
        const Block *known = block_in(node->terms[i], search->chunk);
        if (!known) continue;
        Block block = *known;
        status = add_title(search, node, &block, counts);
    }
    return status;
}

int open_title(Search *search, Node *node) {
    uint32_t *counts = page(&search->space->scores);
    int status = counts ? count_titles(search, node, counts) : NO_MEMORY;
    for (uint32_t word = 0; word < (uint32_t)search->words && !status; word++)
        for (uint64_t bits = node->bits[word]; bits; bits &= bits - 1, node->size++) {
            uint32_t low = word * 64 + (uint32_t)__builtin_ctzll(bits);
            put(node, low, impact(search, node->weight, titled_tf(search, counts, low), low));
        }
    return status;
}

int open_value(Search *search, Node *node) {
    const Value *value = &node->values[search->number];
    int64_t first, last;
    if (clear(search, node, 0)) return NO_MEMORY;
    if (!value->column.ordinals) return FINE;
    if (late(&search->clock, search->scale.size)) return LATE;
    for (int32_t low = 0; low < search->scale.size; low++) {
        if (values_of(&value->column, (int64_t)search->base + low, &first, &last)) return DAMAGED;
        for (; first < last; first++)
            if (ordinal_at(&value->column, first) == value->ordinal) {
                node->size += !has_bit(node->bits, (uint32_t)low);
                set_bit(node->bits, (uint32_t)low);
            }
    }
    return FINE;
}

/* The part of a finished set that lies in the chunk; its documents ascend. */
int open_set(Search *search, Node *node) {
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
