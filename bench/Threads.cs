namespace MicroSpark.Bench;

/// <summary>For hand-written loops: a thread for each share of the work.</summary>
internal static class Threads
{
    /// <summary>Runs <paramref name="work"/> on one thread for each index, and waits for all.</summary>
    public static void Run(int threads, Action<int> work)
    {
        Thread[] running = [.. Enumerable.Range(0, threads).Select(index => new Thread(() => work(index)))];
        Array.ForEach(running, thread => thread.Start());
        Array.ForEach(running, thread => thread.Join());
    }

    /// <summary>Where share <paramref name="index"/> of <paramref name="length"/> items begins; share <paramref name="threads"/> begins at the end.</summary>
    public static int Start(int length, int index, int threads) => (int)((long)length * index / threads);
}
