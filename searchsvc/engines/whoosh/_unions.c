/* The best of a union: what can come up to the floor is scored, what cannot is only counted. */

#include "_champions.h"
#include "_sums.h"

#include <math.h>
#include <stdlib.h>

void raise_by_champions(Search *search, const Node *node) {
    int64_t living = 0;
    if (node->kind != WORD || !any_counts(search)) return;
    const Champion *best = champions_of(&node->block);
    for (int i = 0; best && i < CHAMPIONS; i++) {
        const Champion *champion = &best[i];
        if (is_dead(search, champion->low) || ++living < search->wanted) continue;
        float worth = node->weight * champion->impact;
        if (worth > search->floor) search->floor = worth;
        return;
    }
}

static int score_found(Search *search, int64_t operands, uint32_t low) {
    float score;
    if ((int32_t)low >= search->scale.size) return DAMAGED;
    if (is_dead(search, low)) return FINE;
    if (!score_row(search, search->root, operands, low, &score)) return FINE;
    return take_scored(search, low, score);
}

/* Score what one word has that comes up to the floor. */
static int visit_block(Search *search, Node *node, int64_t operands) {
    const Block *block = &node->block;
    Walk walk = {block, 0, 0};
    int status = FINE;
    int32_t place = -1;
    while (!status) {
        place = next_worth(block->impacts, place + 1, block->count, least_impact(search, node, 0));
        if (place >= block->count) break;
        status = score_found(search, operands, document_at(&walk, place));
    }
    return status;
}

/* Mark what may have something that was put off. */
static int mark_later(Search *search, Node *node, uint64_t *bits) {
    uint16_t *lows;
    int32_t count;
    int status = conjunction(search, node->must, node->must_count, node->order, &lows, &count);
    for (int32_t i = 0; i < count && !status; i++) {
        uint64_t lives = !is_dead(search, lows[i]);
        bits[lows[i] >> 6] |= lives << (lows[i] & 63);
    }
    return status;
}

/* Score what has sums that come up to the floor, and what may have something that was put off. */
static int visit_sums(Search *search, Sums *sums) {
    uint64_t *bits = empty_bitmap(search);
    uint16_t *lows = page(&search->space->arrays);
    int status = bits && lows ? FINE : NO_MEMORY;
    if (status) return status;
    raise_by_sums(search, sums);
    mark_passing(search, sums, least_sum(search, 0), bits);
    for (int64_t l = 0; l < search->later_count && !status; l++)
        status = mark_later(search, search->later[l], bits);
    return status ? status : rank_some(search, lows, extract(search, bits, lows));
}

/* Add up operands, those first that have the fewest documents, and score what comes up to the
 * floor. */
static int rank_sums(Search *search, int64_t operands) {
    Node *root = search->root;
    Sums sums;
    if (new_sums(search, &sums)) return NO_MEMORY;
    begin_sums(search, &sums, root->order[0], root->rest[1]);
    for (int64_t i = 1; i < operands; i++) {
        Node *node = root->order[i];
        if (late(&search->clock, search->words + node->size)) return LATE;
        raise_by_sums(search, &sums);
        if (!hopeless(search, root->rest[i])) {
            add_sums(search, &sums, node, least_sum(search, root->rest[i + 1]));
            continue;
        }
        prune_sums(&sums, least_sum(search, root->rest[i]));
        refine_sums(&sums, node);
    }
    return visit_sums(search, &sums);
}

/* The only operand is a set: its scores are the sums. */
static int rank_set(Search *search, Node *node) {
    Sums sums;
    if (new_sums(search, &sums)) return NO_MEMORY;
    if (!node->scores) {
        add_sums(search, &sums, node, 0);
        return visit_sums(search, &sums);
    }
    sums.sums = node->scores;
    sums.count = node->size;
    if (node->lows) sums.lows = node->lows;
    else sums.count = extract(search, node->bits, sums.lows);
    return visit_sums(search, &sums);
}

/* The only word: its best postings are known. */
static int rank_word(Search *search, Node *node) {
    const Champion *best = champions_of(&node->block);
    float score;
    int status = FINE;
    int known = best && search->floor > node->weight * best[CHAMPIONS - 1].impact;
    if (!known) return visit_block(search, node, 1);
    for (int i = 0; i < CHAMPIONS && !status; i++) {
        score = node->weight * best[i].impact;
        if (score < search->floor) break;
        if (!is_dead(search, best[i].low)) status = take_scored(search, best[i].low, score);
    }
    return status;
}

static int rank_operands(Search *search, int64_t operands) {
    Node *root = search->root;
    Node *first = root->order[0];
    for (int64_t i = 0; i < operands; i++) raise_by_champions(search, root->order[i]);
    if (!operands || (hopeless(search, root->rest[0]) && !search->later_count)) return FINE;
    if (operands > 1 || search->later_count) return rank_sums(search, operands);
    if (first->kind == WORD) return rank_word(search, first);
    return first->listed ? rank_list(search, first) : rank_set(search, first);
}

/* Count what lives of a union of one. */
static int32_t living_of_one(const Search *search, const Node *node) {
    int32_t dead = 0;
    for (int32_t i = 0; i < node->size && search->dead; i++) dead += has_bit(search->dead, node->lows[i]);
    return node->size - dead;
}

int rank_union(Search *search, int32_t *total) {
    Node *root = search->root;
    int64_t operands = prepare(search, root);
    int status = search->wanted ? rank_operands(search, operands) : FINE;
    if (operands == 1 && (!search->dead || root->order[0]->listed)) {
        *total = living_of_one(search, root->order[0]);
        return status;
    }
    uint64_t *seen = empty_bitmap(search);
    if (!seen) return NO_MEMORY;
    *total = 0;
    for (int64_t i = 0; i < operands && !status; i++) {
        if (late(&search->clock, search->words + root->order[i]->size)) return LATE;
        unite(search, root->order[i], seen);
    }
    for (int word = 0; word < search->words; word++)
        *total += popcount(search->dead ? seen[word] & ~search->dead[word] : seen[word]);
    return status;
}
