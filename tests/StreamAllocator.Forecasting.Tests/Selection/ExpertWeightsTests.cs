using StreamAllocator.Forecasting.Selection;

namespace StreamAllocator.Forecasting.Tests.Selection;

public class ExpertWeightsTests
{
    private const int Experts = 4;

    private readonly ExpertWeights _weights = new(Experts, 288);
    private readonly float[] _state;
    private readonly float[] _at = new float[Experts];

    public ExpertWeightsTests() => _state = new float[_weights.StateFloats];

    /// <summary>A loss 1.1 times the least weighs 1.1^−12 = 0.3186 of it; one of twice weighs nothing.</summary>
    [Fact]
    public void Weights_are_losses_to_the_power_of_minus_twelve()
    {
        Observe(5000, [1, 1.1f, 2, 2], 1);
        _weights.At(_state, 0, _at);
        Assert.Equal(0.3186f / 1.3186f, _at[1], 2);
        Assert.Equal(0, _at[2]);
        Assert.Equal(1, _at.Sum(), 5);
    }

    [Fact]
    public void Few_labels_say_little()
    {
        Observe(1, [1, 2, 2, 2], 1);
        _weights.At(_state, 0, _at);
        Assert.InRange(_at[0], 0.25f, 0.6f);
    }

    [Fact]
    public void A_dead_expert_returns_when_it_is_right_again()
    {
        Observe(5000, [5, 5, 5, 1], 1);
        Observe(700, [5, 5, 0.1f, 5], 1);
        _weights.At(_state, 0, _at);
        Assert.True(_at[2] > 0.5f, string.Join(' ', _at));
    }

    [Fact]
    public void The_best_baseline_is_served_while_the_average_was_worse_over_the_week()
    {
        Observe(2000, [1, 0.9f, 2, 0.85f], 1.1f);
        _weights.At(_state, 0, _at);
        Assert.Equal([0, 1, 0, 0], _at);
        Observe(4000, [1, 0.9f, 2, 0.85f], 0.8f);
        _weights.At(_state, 0, _at);
        Assert.True(_at[3] > 0.4f, string.Join(' ', _at));
    }

    [Fact]
    public void After_a_level_shift_new_losses_count_for_more()
    {
        Observe(20_000, [1, 5, 5, 5], 1);
        _weights.Shift(_state);
        Observe(300, [5, 5, 5, 1], 1);
        Assert.Equal(3, _weights.Best(_state));
    }

    [Fact]
    public void Best_is_the_smallest_loss_over_the_knots()
    {
        for (var knot = 0; knot < 4; knot++)
            _weights.Observe(_state, knot, [4, 3, 2, knot == 3 ? 1 : 3], 1);
        Assert.Equal(2, _weights.Best(_state));
    }

    private void Observe(int labels, float[] losses, float average)
    {
        for (var label = 0; label < labels; label++)
            _weights.Observe(_state, 0, losses, average);
    }
}
