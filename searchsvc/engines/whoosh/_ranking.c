/* The best of the matches: a heap of those kept, and bounds that leave the others unscored.
 *
 * Scores are floats added in one order, that of the program, whatever order bounds are looked at;
 * so every implementation gives the same bits.
 */

#include "_search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)
#pragma GCC target("popcnt")
#endif

static inline int before(const Entry *one, const Entry *two) {
    return one->key < two->key || (one->key == two->key && one->doc < two->doc);
}

/* A heap whose root is the worst of the kept. */
static void sift_down(Entry *heap, int64_t count, int64_t at) {
    for (;;) {
        int64_t child = 2 * at + 1;
        if (child >= count) return;
        if (child + 1 < count && before(&heap[child], &heap[child + 1])) child++;
        if (!before(&heap[at], &heap[child])) return;
        Entry moved = heap[at];
        heap[at] = heap[child];
        heap[child] = moved;
        at = child;
    }
}

static inline int full(const Search *search) {
    return search->wanted >= 0 && search->kept_count == search->wanted;
}

/* The heap is full: what is worth less than its worst need not be scored. */
static inline void raise_floor(Search *search) {
    if (full(search) && search->wanted && !search->order && !search->collecting)
        search->floor = -search->space->kept[0].key;
}

static int grow(Workspace *space) {
    int64_t room = space->kept_room ? space->kept_room * 2 : 64;
    Entry *grown = realloc(space->kept, (size_t)room * sizeof(Entry));
    if (!grown) return NO_MEMORY;
    space->kept = grown;
    space->kept_room = room;
    return FINE;
}

static int keep(Search *search, const Entry *entry) {
    Workspace *space = search->space;
    if (full(search)) {
        if (!search->wanted || !before(entry, &space->kept[0])) return FINE;
        space->kept[0] = *entry;
        sift_down(space->kept, search->kept_count, 0);
    } else {
        if (search->kept_count == space->kept_room && grow(space)) return NO_MEMORY;
        space->kept[search->kept_count++] = *entry;
        if (full(search))
            for (int64_t i = search->kept_count / 2; i-- > 0;)
                sift_down(space->kept, search->kept_count, i);
    }
    raise_floor(search);
    return FINE;
}

static int is_folded(const Search *search, int32_t group) {
    int64_t low = 0, high = search->folded_count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (search->folded[middle] < group) low = middle + 1;
        else high = middle;
    }
    return low < search->folded_count && search->folded[low] == group;
}

/* Keep only the best of a group. */
static int keep_one(Search *search, const Entry *entry) {
    Entry *kept = search->space->kept;
    if (is_folded(search, entry->group)) return FINE;
    for (int64_t i = 0; i < search->kept_count; i++) {
        if (kept[i].group != entry->group) continue;
        if (!before(entry, &kept[i])) return FINE;
        kept[i] = *entry;
        if (full(search)) sift_down(kept, search->kept_count, i);
        raise_floor(search);
        return FINE;
    }
    return keep(search, entry);
}

static int take(Search *search, Entry *entry) {
    int after = entry->key > search->after_key ||
                (entry->key == search->after_key && (int64_t)entry->doc > search->after_doc);
    if (search->folding) entry->group = search->segment->group[entry->doc];
    if (search->collecting) return after || entry->group < 0 ? FINE : keep(search, entry);
    if (!after) return FINE;
    return search->folding && entry->group >= 0 ? keep_one(search, entry) : keep(search, entry);
}

/* ---- scores of single documents ------------------------------------------------------------- */

/* Order the root's operands by what they can be worth, and add up what is left after each. */
static int64_t prepare(Search *search, Node *root) {
    int64_t count = 0;
    for (int64_t i = 0; i < root->must_count + root->should_count; i++) {
        Node *node = i < root->must_count ? &root->must[i] : &root->should[i - root->must_count];
        int64_t j = count++;
        rewind_node(node);
        for (; j > 0 && root->order[j - 1]->bound < node->bound; j--)
            root->order[j] = root->order[j - 1];
        root->order[j] = node;
    }
    root->rest[count] = 0;
    for (int64_t i = count; i-- > 0;)
        root->rest[i] = root->rest[i + 1] + (root->order[i]->bound > 0 ? root->order[i]->bound : 0);
    search->slack = 1 + 1e-7 * (double)(count + 10);
    return count;
}

static float summed(const Node *root) {
    float score = 0;
    int first = 1;
    for (int64_t i = 0; i < root->must_count; i++)
        if (root->must[i].present) score += root->must[i].part;
    for (int64_t i = 0; i < root->should_count; i++) {
        const Node *node = &root->should[i];
        if (!node->present) continue;
        if (root->kind != BEST) score += node->part;
        else if (first || node->part > score) score = node->part;
        first = 0;
    }
    return score;
}

/* Score a document; 0 if it cannot come up to the floor. */
static inline int score_row(Search *search, Node *root, int64_t count, uint32_t low, float *score) {
    double partial = 0;
    int pruned = root->kind != BEST;
    for (int64_t i = 0; i < count; i++) {
        Node *node = root->order[i];
        if (pruned && slackened(search, partial + root->rest[i]) < search->floor) return 0;
        node->present = contributes(search, node, low, &node->part);
        if (node->present) partial += node->part;
    }
    *score = summed(root);
    return 1;
}

static inline int take_scored(Search *search, uint32_t low, float score) {
    Entry entry = {-(double)score, (int32_t)(search->base + low), -1, score};
    return take(search, &entry);
}

static int take_by_date(Search *search, Node *root, int64_t count, uint32_t low) {
    int32_t doc = (int32_t)(search->base + low);
    int64_t minute = search->segment->minute[doc];
    Entry entry = {minute == UNDATED ? INFINITY : search->order * (double)minute, doc, -1, 0};
    if (full(search) && (!search->wanted || !before(&entry, &search->space->kept[0]))) return FINE;
    score_row(search, root, count, low, &entry.score);
    return take(search, &entry);
}

int rank_rows(Search *search, const uint16_t *lows, int32_t count) {
    Node *root = search->root;
    int status = FINE;
    if (!search->wanted) return FINE;
    int64_t operands = prepare(search, root);
    for (int32_t i = 0; i < count && !status; i++) {
        float score;
        if (late(&search->clock, 1 + operands)) return LATE;
        if ((int32_t)lows[i] >= search->scale.size) return DAMAGED;
        if (search->order) status = take_by_date(search, root, operands, lows[i]);
        else if (!operands && full(search) && !search->folding) return FINE;
        else if (score_row(search, root, operands, lows[i], &score))
            status = take_scored(search, lows[i], score);
    }
    return status;
}

/* ---- unions: list after list, those first that can be worth most ------------------------------ */

static const uint64_t NOTHING[WORDS];

/* A document that was found in one list is scored over all; what was looked through is left. */
static void leave(Unit *unit) {
    if (!unit->block) return;
    if (unit->block->lows) unit->block->at = unit->block->count = 0;
    else unit->block->bits = NOTHING;
}

static int64_t list_units(Search *search, Node *root) {
    int64_t count = 0;
    for (int64_t i = 0; i < root->should_count; i++) {
        Node *node = &root->should[i];
        int64_t blocks = node->kind == WORD ? node->block_count : 1;
        for (int64_t j = 0; j < blocks; j++) {
            Unit unit = {node, node->kind == WORD ? &node->blocks[j] : NULL, node->bound};
            if (unit.block) unit.bound = (double)node->weight * unit.block->bound;
            int64_t at = count++;
            for (; at > 0 && search->units[at - 1].bound < unit.bound; at--)
                search->units[at] = search->units[at - 1];
            search->units[at] = unit;
        }
    }
    return count;
}

/* What is being looked through: a list, what is seen already, what later lists can add. */
typedef struct {
    Node *root;
    Unit *unit;
    const uint64_t *seen; /* NULL for the first */
    int64_t operands;
    double rest;
    uint32_t passing;     /* the nibbles that come up to the floor */
} Visit;

static void choose_nibbles(Search *search, Visit *visit) {
    const Unit *unit = visit->unit;
    visit->passing = 0;
    for (int code = 0; code < 16; code++) {
        double worth = (double)unit->node->weight * search->segment->best[code];
        if (worth > unit->bound) worth = unit->bound;
        if (!(slackened(search, worth + visit->rest) < search->floor))
            visit->passing |= (uint32_t)1 << code;
    }
}

static int score_fresh(Search *search, Visit *visit, uint32_t low, double partial) {
    float score;
    double floor = search->floor;
    if (slackened(search, partial + visit->rest) < floor) return FINE;
    if ((int32_t)low >= search->scale.size) return DAMAGED;
    if (visit->seen && has_bit(visit->seen, low)) return FINE;
    if (search->dead && has_bit(search->dead, low)) return FINE;
    if (visit->operands == 1 && visit->unit->node->block_count <= 1) score = (float)partial;
    else if (!score_row(search, visit->root, visit->operands, low, &score)) return FINE;
    int status = take_scored(search, low, score);
    if (search->floor > floor && visit->unit->block) choose_nibbles(search, visit);
    return status;
}

static inline float worth_of(const Search *search, const Visit *visit, const Block *block,
                             uint32_t posting, uint32_t low) {
    return impact(search, visit->unit->node->weight, weighted_tf(block, posting), low);
}

static int visit_array(Search *search, Visit *visit, const Block *block) {
    int status = FINE;
    for (int32_t i = 0; i < block->count && !status; i++) {
        uint32_t posting = block->first + (uint32_t)i, low = block->lows[i];
        if (!(visit->passing >> nibble(block->field, posting) & 1)) continue;
        status = score_fresh(search, visit, low, worth_of(search, visit, block, posting, low));
    }
    return status;
}

static int visit_bitmap(Search *search, Visit *visit, const Block *block) {
    int32_t place = 0;
    int status = FINE;
    for (uint32_t word = 0; word < WORDS && !status; word++)
        for (uint64_t bits = block->bits[word]; bits && !status; bits &= bits - 1, place++) {
            uint32_t posting = block->first + (uint32_t)place;
            uint32_t low = word * 64 + (uint32_t)__builtin_ctzll(bits);
            if (place >= block->count) return DAMAGED;
            if (!(visit->passing >> nibble(block->field, posting) & 1)) continue;
            status = score_fresh(search, visit, low, worth_of(search, visit, block, posting, low));
        }
    return status;
}

static int visit_set(Search *search, Visit *visit, const Node *node) {
    int status = FINE;
    for (uint32_t word = 0; word < WORDS && !status; word++)
        for (uint64_t bits = node->bits[word]; bits && !status; bits &= bits - 1) {
            uint32_t low = word * 64 + (uint32_t)__builtin_ctzll(bits);
            status = score_fresh(search, visit, low, node->scores ? node->scores[low] : 0);
        }
    return status;
}

static int visit(Search *search, Node *root, Unit *unit, const uint64_t *seen, double rest,
                 int64_t operands) {
    Visit one = {root, unit, seen, operands, rest, 0};
    for (int64_t i = 0; i < root->should_count; i++) rewind_node(&root->should[i]);
    if (!unit->block) return visit_set(search, &one, unit->node);
    Block block = *unit->block;
    choose_nibbles(search, &one);
    return (block.lows ? visit_array : visit_bitmap)(search, &one, &block);
}

static void unite_unit(const Unit *unit, const Block *block, uint64_t *seen) {
    Node alone = *unit->node;
    if (block) {
        alone.blocks = (Block *)(uintptr_t)block;
        alone.block_count = 1;
    }
    unite(&alone, seen);
}

/* Keep the best of a union, and leave all that were found in `seen`. */
int rank_union(Search *search, uint64_t *seen, int32_t *total) {
    Node *root = search->root;
    Unit *units = search->units;
    int64_t count = list_units(search, root), operands = prepare(search, root);
    int alone = count == 1 && !search->dead && !search->facet_count;
    double rest = 0;
    int status = FINE;
    *total = 0;
    for (int64_t i = 0; i < count; i++) rest += units[i].bound > 0 ? units[i].bound : 0;
    if (!alone) memset(seen, 0, search->space->bitmaps.size);
    for (int64_t i = 0; i < count && !status; i++) {
        Unit *unit = &units[i];
        const Block block = unit->block ? *unit->block : (Block){0};
        int hopeless = !search->wanted || slackened(search, rest) < search->floor;
        rest -= unit->bound > 0 ? unit->bound : 0;
        if (late(&search->clock, WORDS + unit->node->size)) return LATE;
        if (!hopeless)
            status = visit(search, root, unit, i ? seen : NULL, rest > 0 ? rest : 0, operands);
        if (alone) *total = unit->block ? block.count : unit->node->size;
        else unite_unit(unit, unit->block ? &block : NULL, seen);
        leave(unit);
    }
    for (int word = 0; word < WORDS && !alone; word++)
        *total += popcount(search->dead ? seen[word] & ~search->dead[word] : seen[word]);
    return status;
}

/* ---- order of what was kept ------------------------------------------------------------------ */

static int by_key(const void *one, const void *two) {
    return before(one, two) ? -1 : before(two, one);
}

void sort_kept(Search *search) {
    if (search->wanted >= 0 && search->kept_count)
        qsort(search->space->kept, (size_t)search->kept_count, sizeof(Entry), by_key);
}
