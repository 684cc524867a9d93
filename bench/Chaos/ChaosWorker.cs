using MicroSpark.Tests.Contexts;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Bench.Chaos;

/// <summary>One worker process with one slot, and the small disk that it spills to.</summary>
internal sealed class ChaosWorker : IAsyncDisposable
{
    private const string DiskSize = "192m";

    private readonly SiloProcess _process;
    private readonly string _spill;
    private readonly SmallDisk? _disk;

    private ChaosWorker(int number, SiloProcess process, string spill, SmallDisk? disk) => (Number, _process, _spill, _disk) = (number, process, spill, disk);

    public int Number { get; }

    /// <summary>Its address, as the cluster's lists have it.</summary>
    public string Address => _process.Silo;

    /// <summary>Set by a fault from which no process comes back.</summary>
    public bool IsDoomed { get; set; }

    public bool HasExited => _process.HasExited;

    public string Log => $"{_process.Output}{Environment.NewLine}{_process.Errors}";

    public static async Task<ChaosWorker> StartAsync(int number, string folder, IEnumerable<string> settings)
    {
        var spill = Directory.CreateDirectory(Path.Join(folder, $"spill-{number}")).FullName;
        var disk = SmallDisk.WhyNot is null ? new SmallDisk(spill, DiskSize) : null;
        try
        {
            return new ChaosWorker(number, await SiloProcess.StartAsync([.. settings, $"--MicroSpark:SpillDirectory={spill}"]), spill, disk);
        }
        catch
        {
            disk?.Dispose();
            throw;
        }
    }

    public void Kill()
    {
        IsDoomed = true;
        _process.Kill();
    }

    public void Terminate()
    {
        IsDoomed = true;
        _process.Terminate();
    }

    public void Freeze() => _process.Freeze();

    public void Thaw() => _process.Thaw();

    /// <summary>Leaves no room on its disk until <see cref="FreeDisk"/>.</summary>
    public void FillDisk()
    {
        if (_disk is null)
        {
            throw new InvalidOperationException("The worker has no disk of its own, and the machine's is not to be filled.");
        }

        var block = new byte[1 << 20];
        using var file = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // That is what was wanted.
        }
    }

    public void FreeDisk() => File.Delete(Filler);

    public Task<int> WaitForExitAsync() => _process.WaitForExitAsync();

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _disk?.Dispose();
        Directory.Delete(_spill, recursive: true);
    }

    public override string ToString() => $"worker {Number}";

    private string Filler => Path.Join(_spill, "filler");
}
