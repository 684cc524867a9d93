namespace MicroSpark.Grains.Workers;

/// <summary>
/// What one silo has of one stage's tasks that no slot has taken, whichever owners sent them. It asks the owners in turn for more when
/// little is left, and so that it is about 50 ms of work: so a slow worker has little to lose, and a fast one never waits.
/// </summary>
/// <param name="frequency">Ticks of a second in the times that it is given.</param>
/// <param name="first">How many tasks are asked for before it is known how long one takes.</param>
internal sealed class StageWindow(int slots, int first, long frequency)
{
    /// <summary>Some 256 KB of a message.</summary>
    private const int Most = 4096;

    private readonly Lock _gate = new();
    private readonly Queue<Part> _asking = new();
    private double _mean = -1;
    private int _queued;
    private int _granted;

    /// <summary>
    /// An owner's tasks came; and it has so many besides. One that sends none, and has some, does not know yet that it was asked: what it
    /// is asked for stands. Else many owners that poll all the time would each lose what they are asked for before they hear of it.
    /// </summary>
    public void Arrived(Part part, int count, int pending)
    {
        lock (_gate)
        {
            _queued += count;
            if (count > 0 || pending == 0)
            {
                _granted -= part.Granted;
                part.Granted = 0;
            }

            Offer(part, pending);
        }
    }

    /// <summary>The owner has so many tasks besides.</summary>
    public void Offered(Part part, int pending)
    {
        lock (_gate)
        {
            if (pending == 0)
            {
                _granted -= part.Granted;
                part.Granted = 0;
            }

            if (part.Granted == 0)
            {
                Offer(part, pending);
            }
        }
    }

    public void Began()
    {
        lock (_gate)
        {
            _queued--;
            Grant();
        }
    }

    public void Ended(long ticks)
    {
        lock (_gate)
        {
            // Of the last ten or so: the first ones of a stage also pay for its compilation.
            _mean = _mean < 0 ? ticks : _mean + ((ticks - _mean) / 8);
        }
    }

    /// <summary>So many tasks left that no slot had taken.</summary>
    public void Left(int count)
    {
        lock (_gate)
        {
            _queued -= count;
        }
    }

    /// <summary>Nothing more comes from the owner.</summary>
    public void Close(Part part)
    {
        lock (_gate)
        {
            _granted -= part.Granted;
            (part.Granted, part.Pending, part.Closed) = (0, 0, true);
            Grant();
        }
    }

    private void Offer(Part part, int pending)
    {
        part.Pending = part.Closed ? 0 : pending;
        if (part.Pending > 0 && !part.Asking && part.Granted == 0)
        {
            part.Asking = true;
            _asking.Enqueue(part);
        }

        Grant();
    }

    private void Grant()
    {
        var target = Target();
        while ((_queued + _granted) * 2 < target && _asking.TryDequeue(out var part))
        {
            part.Asking = false;
            if (part.Pending > 0)
            {
                part.Granted = Math.Min(part.Pending, Math.Max(1, (target - _queued - _granted) / (_asking.Count + 1)));
                _granted += part.Granted;
                part.Wake();
            }
        }
    }

    private int Target()
    {
        if (_mean < 0)
        {
            return first;
        }

        var worth = frequency / 20.0 * slots / Math.Max(1, _mean);
        return (int)Math.Clamp(worth, slots, Most);
    }

    /// <summary>One owner's part of the window.</summary>
    /// <param name="wake">Called when the owner is asked for more; it must not block.</param>
    public sealed class Part(Action wake)
    {
        /// <summary>How many tasks the owner would send.</summary>
        public int Pending { get; set; }

        /// <summary>How many it is asked for.</summary>
        public int Granted { get; set; }

        /// <summary>Whether it is in the queue of owners to ask.</summary>
        public bool Asking { get; set; }

        /// <summary>Nothing more comes from the owner, whatever was on its way when it was lost.</summary>
        public bool Closed { get; set; }

        public Action Wake => wake;
    }
}
