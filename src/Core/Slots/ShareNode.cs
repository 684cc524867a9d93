namespace MicroSpark.Slots;

/// <summary>
/// A principal, a context, a group or a job, as one silo's slots are shared: how much time its tasks have had, and how many of them wait.
/// Virtual time, as in start-time fair queueing (Goyal, Vin, Cheng 1996): slot time over weight. The child with the least of it is next.
/// </summary>
internal sealed class ShareNode(ShareNode? parent, object key, int weight, long order)
{
    private readonly Dictionary<object, ShareNode> _children = [];

    /// <summary>The children of which tasks wait.</summary>
    private readonly List<ShareNode> _ready = [];

    private long _used;
    private long _begun;
    private long _picked;
    private double _clock;
    private int _place = -1;

    public ShareNode? Parent => parent;

    /// <summary>Tasks that wait for a slot.</summary>
    public int Queued { get; private set; }

    /// <summary>Tasks that have one.</summary>
    public int Running { get; private set; }

    /// <summary>Since when its tasks wait and none has a slot. Of use only while that is so.</summary>
    public long Waiting { get; private set; }

    /// <summary>This one and all below it.</summary>
    public int Size => 1 + _children.Values.Sum(static c => c.Size);

    public IReadOnlyList<ShareNode> Ready => _ready;

    /// <summary>Lines of tasks, of a job; in the order in which they came.</summary>
    public LinkedList<TaskLine> Lines { get; } = [];

    /// <param name="childWeight">Also of a child that is there: the newest holds.</param>
    public ShareNode Child(object childKey, int childWeight, long childOrder)
    {
        if (!_children.TryGetValue(childKey, out var child))
        {
            Sweep();
            child = new ShareNode(this, childKey, childWeight, childOrder);
            _children.Add(childKey, child);
        }

        child.Weight = childWeight;
        return child;
    }

    private int Weight { get; set; } = weight;

    /// <summary>Of this one and all above it.</summary>
    public void AddQueued(int count, long now)
    {
        for (var node = this; node is not null; node = node.Parent)
        {
            var waited = node.Queued > 0;
            if (!waited && count > 0)
            {
                node.Enter(now);
            }

            node.Queued += count;
            if (node.Queued == 0 && waited)
            {
                node.Leave();
            }
        }
    }

    public void Begin(long now)
    {
        for (var node = this; node is not null; node = node.Parent)
        {
            node.Running++;
            node._begun += now;
        }
    }

    public void End(long began, long now)
    {
        for (var node = this; node is not null; node = node.Parent)
        {
            node._used += now - began;
            node._begun -= began;
            if (--node.Running == 0)
            {
                node.Waiting = now;
            }
        }
    }

    /// <summary>The child that is next; null when no task waits here.</summary>
    /// <param name="quantum">What a task that has just begun counts: two slots that come free at once go to different children.</param>
    public ShareNode? Next(long now, long quantum, bool fifo)
    {
        ShareNode? best = null;
        var least = double.MaxValue;
        foreach (var child in _ready)
        {
            var value = fifo ? child.Order : child.Virtual(now, quantum);
            if (value < least || (value == least && child._picked < best!._picked))
            {
                (best, least) = (child, value);
            }
        }

        if (best is not null && !fifo)
        {
            _clock = Math.Max(_clock, least);
        }

        return best;
    }

    public void Pick(long turn)
    {
        for (var node = this; node is not null; node = node.Parent)
        {
            node._picked = turn;
        }
    }

    /// <summary>The least virtual time of the children of which tasks wait.</summary>
    public double Least(long now)
    {
        var least = double.MaxValue;
        foreach (var child in _ready)
        {
            least = Math.Min(least, child.Virtual(now, 0));
        }

        return least;
    }

    /// <summary>How much more slot time it has had than its share, when <paramref name="least"/> is its parent's.</summary>
    public double Ahead(double least, long now) => (Virtual(now, 0) - least) * Weight;

    private long Order => order;

    private double Virtual(long now, long quantum) => (_used + (Running * (now + quantum)) - _begun) / (double)Weight;

    /// <summary>Whoever was idle brings no credit: it goes on where those are that were not.</summary>
    private void Enter(long now)
    {
        if (parent is null)
        {
            return;
        }

        if (Running == 0)
        {
            Waiting = now;
            var least = parent._ready.Count == 0 ? parent._clock : parent.Least(now);
            _used = Math.Max(_used, (long)(least * Weight));
        }

        _place = parent._ready.Count;
        parent._ready.Add(this);
    }

    private void Leave()
    {
        if (parent is null)
        {
            return;
        }

        var last = parent._ready[^1];
        parent._ready[_place] = last;
        last._place = _place;
        parent._ready.RemoveAt(parent._ready.Count - 1);
        _place = -1;
    }

    /// <summary>Forgets children that are idle and owe nothing; when most are.</summary>
    private void Sweep()
    {
        if (_children.Count < 8 || _children.Count < 2 * _ready.Count)
        {
            return;
        }

        foreach (var (idle, child) in _children)
        {
            if (child.Queued == 0 && child.Running == 0 && (_ready.Count == 0 || child._used <= _clock * child.Weight))
            {
                _children.Remove(idle);
            }
        }
    }

    public override string ToString() => $"{key}: {Queued} wait, {Running} run";
}
