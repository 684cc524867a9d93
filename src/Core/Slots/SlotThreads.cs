namespace MicroSpark.Slots;

/// <summary>
/// The threads of slots, and how one waits for work. They are the process's own, in which the system decides who goes on; a simulation
/// has others, of which one at a time goes on.
/// </summary>
internal abstract class SlotThreads
{
    /// <summary>Threads of the system.</summary>
    public static SlotThreads System { get; } = new SystemThreads();

    /// <summary>Starts a thread with room for readers of long chains, which nest.</summary>
    /// <param name="name">For debuggers and dumps.</param>
    public abstract void Start(Action work, string name);

    /// <summary>A new place for one thread to wait at.</summary>
    public abstract SlotGate NewGate();

    private sealed class SystemThreads : SlotThreads
    {
        private const int StackBytes = 16 << 20;

        public override void Start(Action work, string name) =>
            new Thread(() => work(), StackBytes) { IsBackground = true, Name = name }.Start();

        public override SlotGate NewGate() => new SystemGate();
    }

    private sealed class SystemGate : SlotGate
    {
        private readonly SemaphoreSlim _open = new(0);

        public override void Wait() => _open.Wait();

        public override void Open() => _open.Release();
    }
}

/// <summary>Where a slot's thread waits for work. Each opening lets it through once, also one that came before.</summary>
internal abstract class SlotGate
{
    public abstract void Wait();

    public abstract void Open();
}
