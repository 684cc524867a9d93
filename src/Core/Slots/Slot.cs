namespace MicroSpark.Slots;

/// <summary>
/// A dedicated thread that runs one piece of work at a time: user code never runs on the shared pool, where Orleans' turns, probes and
/// sockets live. Work that does not end can be given up: the slot goes on with a new thread, and the old one ends with its work, if ever.
/// </summary>
internal sealed class Slot
{
    /// <summary>Roomy, because readers of long chains nest.</summary>
    private const int StackBytes = 16 << 20;

    [ThreadStatic]
    private static Slot? t_current;

    private readonly Lock _gate = new();
    private readonly string _name;
    private readonly Func<Action?> _take;
    private readonly Action _cameBack;
    private Thread _thread;
    private long _turn;
    private bool _atWork;
    private int _givenUp;

    /// <param name="name">Of its threads, for debuggers and dumps.</param>
    /// <param name="take">Waits for the next work; null when there will be no more.</param>
    /// <param name="cameBack">Called when work that was given up has ended. It must not throw, nor block.</param>
    public Slot(string name, Func<Action?> take, Action? cameBack = null)
    {
        (_name, _take, _cameBack) = (name, take, cameBack ?? (static () => { }));
        _thread = NewThread();
        _thread.Start();
    }

    /// <summary>Whether it runs something that is not given up.</summary>
    public bool IsBusy => Volatile.Read(ref _atWork);

    /// <summary>What was given up here and has not ended.</summary>
    public int GivenUp => Volatile.Read(ref _givenUp);

    /// <summary>The work that the calling thread runs; null on a thread that is no slot's.</summary>
    public static Turn? Current => t_current is { } slot ? new Turn(slot, slot._turn) : null;

    private Thread NewThread() => new(Work, StackBytes) { IsBackground = true, Name = _name };

    private void Work()
    {
        t_current = this;
        while (_take() is { } work)
        {
            long turn;
            lock (_gate)
            {
                turn = ++_turn;
                _atWork = true;
            }

            try
            {
                work();
            }
            finally
            {
                _ = End(turn);
            }

            // By the turn and not by the thread's place: work may have said before that it is over.
            if (_thread != Thread.CurrentThread)
            {
                Interlocked.Decrement(ref _givenUp);
                _cameBack();
                return;
            }
        }
    }

    private bool End(long turn)
    {
        lock (_gate)
        {
            if (_turn != turn || _thread != Thread.CurrentThread)
            {
                return false;
            }

            _atWork = false;
            return true;
        }
    }

    private bool GiveUp(long turn)
    {
        lock (_gate)
        {
            if (_turn != turn || !_atWork)
            {
                return false;
            }

            _turn++;
            _atWork = false;
            _givenUp++;
            _thread = NewThread();
        }

        _thread.Start();
        return true;
    }

    /// <summary>One piece of work at a slot. Of its end and its being given up, one comes first, and the other is then refused.</summary>
    internal readonly struct Turn(Slot slot, long number)
    {
        /// <summary>By the work's own thread: it is over, and what it has done counts.</summary>
        /// <returns>False when it was given up.</returns>
        public bool End() => slot.End(number);

        /// <summary>By any thread: the slot goes on without it.</summary>
        /// <returns>False when it is over.</returns>
        public bool GiveUp() => slot.GiveUp(number);
    }
}
