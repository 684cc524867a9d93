namespace MicroSpark.Slots;

/// <summary>
/// A dedicated thread that runs one piece of work at a time: user code never runs on the shared pool, where Orleans' turns, probes and
/// sockets live. Work that does not end can be given up: the slot goes on with a new thread, and the old one ends with its work, if ever.
/// </summary>
internal sealed class Slot
{
    [ThreadStatic]
    private static Slot? t_current;

    /// <summary>Which of its slot's threads the calling one is.</summary>
    [ThreadStatic]
    private static int t_thread;

    private readonly Lock _gate = new();
    private readonly string _name;
    private readonly SlotThreads _threads;
    private readonly Func<Action?> _take;
    private readonly Action _cameBack;

    /// <summary>How many threads it has had: the last one is its own.</summary>
    private int _thread;
    private long _turn;
    private bool _atWork;
    private int _givenUp;

    /// <param name="name">Of its threads, for debuggers and dumps.</param>
    /// <param name="take">Waits for the next work; null when there will be no more.</param>
    /// <param name="cameBack">Called when work that was given up has ended. It must not throw, nor block.</param>
    public Slot(string name, SlotThreads threads, Func<Action?> take, Action? cameBack = null)
    {
        (_name, _threads, _take, _cameBack) = (name, threads, take, cameBack ?? (static () => { }));
        Start(_thread);
    }

    /// <summary>Whether it runs something that is not given up.</summary>
    public bool IsBusy => Volatile.Read(ref _atWork);

    /// <summary>What was given up here and has not ended.</summary>
    public int GivenUp => Volatile.Read(ref _givenUp);

    /// <summary>The work that the calling thread runs; null on a thread that is no slot's.</summary>
    public static Turn? Current => t_current is { } slot ? new Turn(slot, slot._turn) : null;

    private void Start(int thread) => _threads.Start(() => Work(thread), _name);

    private void Work(int thread)
    {
        (t_current, t_thread) = (this, thread);
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
            if (Volatile.Read(ref _thread) != thread)
            {
                Interlocked.Decrement(ref _givenUp);
                _cameBack();
                break;
            }
        }

        // The thread may be used again.
        t_current = null;
    }

    private bool End(long turn)
    {
        lock (_gate)
        {
            if (_turn != turn || _thread != t_thread || t_current != this)
            {
                return false;
            }

            _atWork = false;
            return true;
        }
    }

    private bool GiveUp(long turn)
    {
        int next;
        lock (_gate)
        {
            if (_turn != turn || !_atWork)
            {
                return false;
            }

            _turn++;
            _atWork = false;
            _givenUp++;
            next = ++_thread;
        }

        Start(next);
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
